'use strict';
// The reporter of a test file's process: events as the bytes that the process which started it understands. A message
// is a header, its length in four bytes, and a serialized value.

const { DefaultSerializer } = require('v8');
const { Buffer } = require('buffer');
const { serializeError } = require('internal/worker/error_serdes');

const headerLength = 2;

module.exports = async function* v8Reporter(source) {
  for await (const item of source) {
    // a new one each time: a message refers to nothing in those before it
    const serializer = new DefaultSerializer();
    const { details } = item.data;
    const error = details?.error;
    if (error) details.error = serializeError(error);
    serializer.writeHeader();
    serializer.writeRawBytes(Buffer.alloc(4));
    serializer.writeHeader();
    serializer.writeValue({ type: item.type, data: item.data });
    if (error) details.error = error;
    const message = serializer.releaseBuffer();
    message.writeUInt32BE(message.length - (headerLength + 4), headerLength);
    yield message;
  }
};
