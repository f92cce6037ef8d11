'use strict';
// The web's DOMException: a native error whose name, message and code stand on the prototype.

const { kEnumerableProperty } = require('internal/util');

// Constant, name, code. Codes end with DataCloneError: later names have none.
const legacy = [
  ['INDEX_SIZE_ERR', 'IndexSizeError'],
  ['DOMSTRING_SIZE_ERR', 'DOMStringSizeError'],
  ['HIERARCHY_REQUEST_ERR', 'HierarchyRequestError'],
  ['WRONG_DOCUMENT_ERR', 'WrongDocumentError'],
  ['INVALID_CHARACTER_ERR', 'InvalidCharacterError'],
  ['NO_DATA_ALLOWED_ERR', 'NoDataAllowedError'],
  ['NO_MODIFICATION_ALLOWED_ERR', 'NoModificationAllowedError'],
  ['NOT_FOUND_ERR', 'NotFoundError'],
  ['NOT_SUPPORTED_ERR', 'NotSupportedError'],
  ['INUSE_ATTRIBUTE_ERR', 'InUseAttributeError'],
  ['INVALID_STATE_ERR', 'InvalidStateError'],
  ['SYNTAX_ERR', 'SyntaxError'],
  ['INVALID_MODIFICATION_ERR', 'InvalidModificationError'],
  ['NAMESPACE_ERR', 'NamespaceError'],
  ['INVALID_ACCESS_ERR', 'InvalidAccessError'],
  ['VALIDATION_ERR', 'ValidationError'],
  ['TYPE_MISMATCH_ERR', 'TypeMismatchError'],
  ['SECURITY_ERR', 'SecurityError'],
  ['NETWORK_ERR', 'NetworkError'],
  ['ABORT_ERR', 'AbortError'],
  ['URL_MISMATCH_ERR', 'URLMismatchError'],
  ['QUOTA_EXCEEDED_ERR', 'QuotaExceededError'],
  ['TIMEOUT_ERR', 'TimeoutError'],
  ['INVALID_NODE_TYPE_ERR', 'InvalidNodeTypeError'],
  ['DATA_CLONE_ERR', 'DataCloneError'],
];

function codeOf(name) {
  // The two that the standard gives a code but no longer a name.
  if (name === 'DOMStringSizeError' || name === 'NoDataAllowedError' ||
      name === 'ValidationError') return 0;
  return legacy.findIndex((entry) => entry[1] === name) + 1;
}

// Puts private fields on an object that a constructor made itself.
class Stamped {
  constructor(object) {
    return object;
  }
}

class State extends Stamped {
  #name;
  #message;
  #code;

  constructor(object, name, message, code) {
    super(object);
    this.#name = name;
    this.#message = message;
    this.#code = code;
  }

  static #check(exception) {
    if (exception === null || typeof exception !== 'object' || !(#name in exception)) {
      const error = new TypeError('Value of "this" must be of DOMException');
      error.code = 'ERR_INVALID_THIS';
      throw error;
    }
  }

  static name(exception) {
    State.#check(exception);
    return exception.#name;
  }

  static message(exception) {
    State.#check(exception);
    return exception.#message;
  }

  static code(exception) {
    State.#check(exception);
    return exception.#code;
  }
}

class DOMException {
  constructor(message = '', options = 'Error') {
    // A real error, so that the engine and util.types see one; its class is not Error's because
    // DOMException's own prototype has to be Function.prototype.
    const self = new Error();
    Object.setPrototypeOf(self, new.target.prototype);
    let name;
    if (options !== null && typeof options === 'object') {
      name = options.name === undefined ? 'Error' : `${options.name}`;
      if ('cause' in options) {
        Object.defineProperty(self, 'cause', {
          __proto__: null, value: options.cause, configurable: true, writable: true,
          enumerable: false,
        });
      }
    } else {
      name = `${options}`;
    }
    new State(self, name, `${message}`, codeOf(name));
    delete self.message;
    // Once more, now that the head of the stack can be read from name and message.
    Error.captureStackTrace(self);
    return self;
  }

  get name() {
    return State.name(this);
  }

  get message() {
    return State.message(this);
  }

  get code() {
    return State.code(this);
  }
}

Object.setPrototypeOf(DOMException.prototype, Error.prototype);
Object.defineProperties(DOMException.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'DOMException' },
  name: kEnumerableProperty,
  message: kEnumerableProperty,
  code: kEnumerableProperty,
});
legacy.forEach(([constant], index) => {
  const descriptor = { __proto__: null, enumerable: true, value: index + 1 };
  Object.defineProperty(DOMException, constant, descriptor);
  Object.defineProperty(DOMException.prototype, constant, descriptor);
});

module.exports = { DOMException };
