'use strict';
// queueMicrotask under the name that builtins without ticks of their own ask for.

const { queueMicrotask } = require('internal/task_queues');

module.exports = { queueMicrotask };
