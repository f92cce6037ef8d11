'use strict';
// By these methods classes written in JavaScript take part in structured clone.
//
// [kClone]()         what is left of the object in a message, { data, deserializeInfo }; undefined: it is a plain object
// [kTransfer]()      the same for an object of a transfer list, which is of no use afterwards
// [kTransferList]()  what else has to be transferred with its data
// [kDeserialize](data) makes a new object, from `new (require(module)[name])`, what the old one was
//
// `deserializeInfo` is 'module:name' of the builtin module and its export.

module.exports = {
  kClone: Symbol('messaging_clone_symbol'),
  kDeserialize: Symbol('messaging_deserialize_symbol'),
  kTransfer: Symbol('messaging_transfer_symbol'),
  kTransferList: Symbol('messaging_transfer_list_symbol'),
};
