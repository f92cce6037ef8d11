'use strict';
// Owns compose(): a pipeline as one duplex stream, written at its head and read
// at its tail.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { pipeline } = require('internal/streams/pipeline');
const Duplex = require('internal/streams/duplex');
const { destroyer } = require('internal/streams/destroy');
const { eos } = require('internal/streams/end_of_stream');
const {
  isNodeStream,
  isReadable,
  isWritable,
  isWebStream,
  isTransformStream,
  isWritableStream,
  isReadableStream,
} = require('internal/streams/utils');

function canRead(stream) {
  return !!(isReadable(stream) || isReadableStream(stream) || isTransformStream(stream));
}

function canWrite(stream) {
  return !!(isWritable(stream) || isWritableStream(stream) || isTransformStream(stream));
}

module.exports = function compose(...given) {
  if (given.length === 0) throw new ERR_MISSING_ARGS('streams');
  if (given.length === 1) return Duplex.from(given[0]);

  const streams = [...given];
  const last = streams.length - 1;
  if (typeof streams[0] === 'function') streams[0] = Duplex.from(streams[0]);
  if (typeof streams[last] === 'function') streams[last] = Duplex.from(streams[last]);

  for (let i = 0; i <= last; i++) {
    if (!isNodeStream(streams[i]) && !isWebStream(streams[i])) continue;
    if (i < last && !canRead(streams[i])) {
      throw new ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be readable');
    }
    if (i > 0 && !canWrite(streams[i])) {
      throw new ERR_INVALID_ARG_VALUE(`streams[${i}]`, given[i], 'must be writable');
    }
  }

  // The callback of _destroy(), null when the pipeline is over.
  let onclose;
  const head = streams[0];
  const tail = pipeline(streams, (error) => {
    const callback = onclose;
    onclose = null;
    if (callback) callback(error);
    else if (error) duplex.destroy(error);
    else if (!readable && !writable) duplex.destroy();
  });
  const writable = canWrite(head);
  const readable = canRead(tail);
  const duplex = new Duplex({
    writableObjectMode: !!head?.writableObjectMode,
    readableObjectMode: !!tail?.readableObjectMode,
    writable,
    readable,
  });

  const pending = { drain: null, finish: null, readable: null };
  function settle(what) {
    const callback = pending[what];
    pending[what] = null;
    if (callback) callback();
  }

  if (writable) {
    if (isNodeStream(head)) writeToNode(duplex, head, pending, settle);
    else if (isWebStream(head)) writeToWeb(duplex, head, pending);
    eos(isTransformStream(tail) ? tail.readable : tail, () => { settle('finish'); });
  }
  if (readable) {
    if (isNodeStream(tail)) readFromNode(duplex, tail, pending, settle);
    else if (isWebStream(tail)) readFromWeb(duplex, tail);
  }

  duplex._destroy = function(error, callback) {
    if (!error && onclose !== null) error = new AbortError();
    pending.readable = null;
    pending.drain = null;
    pending.finish = null;
    if (isNodeStream(tail)) destroyer(tail, error);
    if (onclose === null) callback(error);
    else onclose = callback;
  };
  return duplex;
};

function writeToNode(duplex, head, pending, settle) {
  duplex._write = function(chunk, encoding, callback) {
    if (head.write(chunk, encoding)) callback();
    else pending.drain = callback;
  };
  duplex._final = function(callback) {
    head.end();
    pending.finish = callback;
  };
  head.on('drain', () => { settle('drain'); });
}

function writeToWeb(duplex, head, pending) {
  const writer = (isTransformStream(head) ? head.writable : head).getWriter();
  duplex._write = async function(chunk, encoding, callback) {
    try {
      await writer.ready;
      writer.write(chunk).catch(() => {});
      callback();
    } catch (error) {
      callback(error);
    }
  };
  duplex._final = async function(callback) {
    try {
      await writer.ready;
      writer.close().catch(() => {});
      pending.finish = callback;
    } catch (error) {
      callback(error);
    }
  };
}

function readFromNode(duplex, tail, pending, settle) {
  tail.on('readable', () => { settle('readable'); });
  tail.on('end', () => { duplex.push(null); });
  duplex._read = function() {
    for (;;) {
      const chunk = tail.read();
      if (chunk === null) {
        pending.readable = duplex._read;
        return;
      }
      if (!duplex.push(chunk)) return;
    }
  };
}

function readFromWeb(duplex, tail) {
  const reader = (isTransformStream(tail) ? tail.readable : tail).getReader();
  duplex._read = async function() {
    for (;;) {
      try {
        const { value, done } = await reader.read();
        if (done) {
          duplex.push(null);
          return;
        }
        if (!duplex.push(value)) return;
      } catch {
        // The pipeline reports it.
        return;
      }
    }
  };
}
