'use strict';
// node:console and the global `console`: a console on the standard streams of the process, which
// are opened by the first method that needs them.

const { Console, bindMethods, initialize } = require('internal/console');
const lazy = require('internal/lazy');

const getProcess = lazy(() => require('process'));

// The console namespace has an empty object of its own for prototype.
const globalConsole = Object.create({});

function bindStream(key, name) {
  let stream;
  Object.defineProperty(globalConsole, key, {
    __proto__: null,
    get() { return stream ??= getProcess()[name]; },
    set(value) { stream = value; },
    enumerable: false,
    configurable: true,
  });
}

bindMethods(globalConsole, Console.prototype);
bindStream('_stdout', 'stdout');
bindStream('_stderr', 'stderr');
initialize(globalConsole, { ignoreErrors: true, colorMode: 'auto' });

// For an inspector, which there is none of: these do nothing, and do not show, as a Node without one has none of them.
const forInspector = {
  profile() {},
  profileEnd() {},
  timeStamp() {},
  context() {
    const context = {};
    for (const name of [...Object.keys(Console.prototype), 'profile', 'profileEnd', 'timeStamp']) {
      Object.assign(context, { [name]() {} });
    }
    return context;
  },
  createTask(name) {
    if (typeof name !== 'string' || name.length === 0) {
      throw new Error('First argument must be a non-empty string.');
    }
    return { run: (fn) => fn() };
  },
};

globalConsole.Console = Console;
for (const name of Object.keys(forInspector)) {
  Object.defineProperty(globalConsole, name, {
    __proto__: null, value: forInspector[name], writable: true, enumerable: false, configurable: true,
  });
}

module.exports = globalConsole;
