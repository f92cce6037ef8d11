'use strict';
// Owns the forms of pipeline() and finished() that answer with promises.

const {
  isIterable,
  isNodeStream,
  isWebStream,
} = require('internal/streams/utils');
const { run } = require('internal/streams/pipeline');
const { finished } = require('internal/streams/end_of_stream');

function pipeline(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    const last = streams[streams.length - 1];
    if (last && typeof last === 'object' && !isNodeStream(last) && !isIterable(last) &&
        !isWebStream(last)) {
      const options = streams.pop();
      signal = options.signal;
      end = options.end;
    }
    run(streams, (error, value) => {
      if (error) reject(error);
      else resolve(value);
    }, { signal, end });
  });
}

module.exports = { finished, pipeline };
