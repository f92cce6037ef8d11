'use strict';
// How messages become bytes on a channel between processes, and bytes messages again: lines of JSON, or values as
// structuredClone knows them, each behind its length.

const { Buffer } = require('buffer');
const { StringDecoder } = require('string_decoder');
const lazy = require('internal/lazy');

const getV8 = lazy(() => require('v8'));

class JsonCodec {
  #decoder = new StringDecoder('utf8');
  #rest = '';

  encode(message) {
    return Buffer.from(`${JSON.stringify(message)}\n`);
  }

  // The messages that are complete now.
  decode(bytes) {
    const lines = this.#decoder.write(bytes).split('\n');
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop();
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
  }

  // Whether part of a message is there.
  get isBuffering() {
    return this.#rest !== '';
  }
}

const LENGTH_SIZE = 4;

// Views, which v8.Serializer leaves to its user, are written as v8.serialize() writes them, Buffers apart.
const ARRAY_BUFFER_VIEW = 0;
const NOT_ARRAY_BUFFER_VIEW = 1;

const getSerializer = lazy(() => {
  const { DefaultSerializer } = getV8();
  return class ChannelSerializer extends DefaultSerializer {
    _writeHostObject(object) {
      if (ArrayBuffer.isView(object)) {
        this.writeUint32(ARRAY_BUFFER_VIEW);
        return super._writeHostObject(object);
      }
      this.writeUint32(NOT_ARRAY_BUFFER_VIEW);
      this.writeValue({ ...object });
      return undefined;
    }
  };
});

const getDeserializer = lazy(() => {
  const { DefaultDeserializer } = getV8();
  return class ChannelDeserializer extends DefaultDeserializer {
    _readHostObject() {
      return this.readUint32() === ARRAY_BUFFER_VIEW ? super._readHostObject() : this.readValue();
    }
  };
});

class AdvancedCodec {
  #pieces = [];
  #size = 0;

  encode(message) {
    const serializer = new (getSerializer())();
    serializer.writeHeader();
    serializer.writeValue(message);
    const body = serializer.releaseBuffer();
    const length = Buffer.alloc(LENGTH_SIZE);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  }

  decode(bytes) {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    const messages = [];
    // Pieces are put together only once a message is complete.
    while (this.#size >= LENGTH_SIZE) {
      if (this.#pieces.length > 1 && this.#pieces[0].length < LENGTH_SIZE) this.#pieces = [Buffer.concat(this.#pieces)];
      const first = this.#pieces[0];
      const end = LENGTH_SIZE + Buffer.from(first.buffer, first.byteOffset, first.byteLength).readUInt32BE();
      if (this.#size < end) break;
      const all = Buffer.concat(this.#pieces);
      const deserializer = new (getDeserializer())(all.subarray(LENGTH_SIZE, end));
      deserializer.readHeader();
      messages.push(deserializer.readValue());
      this.#pieces = [all.subarray(end)];
      this.#size -= end;
    }
    return messages;
  }

  get isBuffering() {
    return this.#size > 0;
  }
}

module.exports = {
  __proto__: null,
  json: JsonCodec,
  advanced: AdvancedCodec,
};
