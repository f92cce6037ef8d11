'use strict';
// Whether calls in progress keep the process alive.

module.exports = { setCallReferenced: binding.setCallReferenced };
