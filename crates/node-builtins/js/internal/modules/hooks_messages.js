'use strict';

// What was thrown on one side of the hooks thread as the other side throws it: errors as alike as they can be, symbols
// by their descriptions, and what cannot be cloned as the text that util.inspect makes of it.

const { deserializeError, serializeError } = require('internal/worker/error_serdes');

/** What is sent for a thrown value. */
function serialize(thrown) {
  return typeof thrown === 'symbol' ? { kind: 'symbol', description: thrown.description } : serializeError(thrown);
}

/** What is thrown for what was sent. */
function deserialize(sent) {
  switch (sent.kind) {
    case 'symbol': return Symbol(sent.description);
    case 'shown': return sent.text;
    default: return deserializeError(sent);
  }
}

module.exports = { deserialize, serialize };
