'use strict';
// The reporter of a test file's process: events as the bytes that the process which started it understands. A message
// is a header, its length in four bytes, and a serialized value.

const { DefaultSerializer } = require('v8');
const { Buffer } = require('buffer');
const { serializeError } = require('internal/worker/error_serdes');

module.exports = async function* v8Reporter(source) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  const headerLength = serializer.releaseBuffer().length;

  for await (const item of source) {
    const { details } = item.data;
    const error = details?.error;
    if (error) details.error = serializeError(error);
    serializer.writeHeader();
    serializer.writeRawBytes(Buffer.alloc(4));
    serializer.writeHeader();
    serializer.writeValue({ type: item.type, data: item.data });
    if (error) details.error = error;
    const message = serializer.releaseBuffer();
    message.writeUInt32BE(message.length - (4 + headerLength), headerLength);
    yield message;
  }
};
