'use strict';
// Where an unhandled 'error' event was emitted. The error's own stack stays as it is (programs
// compare it); whoever prints an uncaught exception asks stackOf() for the longer text.

// error -> { emitter's class, holder of the stack of emit() }
const emissions = new WeakMap();

function remember(error, emitter, emit) {
  const holder = {};
  Error.captureStackTrace(holder, emit);
  emissions.set(error, { className: emitter?.constructor?.name, holder });
}

// The longest run of lines that `lines` shares with the end of `others`, from its first shared
// line on: [length, where it begins in `lines`].
function sharedRun(lines, others) {
  for (let start = 0; start < lines.length - 3; start++) {
    const at = others.indexOf(lines[start]);
    if (at === -1) continue;
    const rest = others.length - at;
    if (rest <= 3) continue;
    let length = 1;
    const most = Math.min(rest, lines.length - start);
    while (length < most && lines[start + length] === others[at + length]) length++;
    if (length > 3) return [length, start];
  }
  return [0, 0];
}

// The stack of `error`, and where it was emitted if it was an unhandled 'error' event.
function stackOf(error) {
  const emission = emissions.get(error);
  if (emission === undefined) return error.stack;
  const on = emission.className ? ` on ${emission.className} instance` : '';
  const errorLines = error.stack.split('\n').slice(1);
  const emitLines = emission.holder.stack.split('\n').slice(1);
  const [length, start] = sharedRun(emitLines, errorLines);
  if (length > 0) {
    emitLines.splice(start + 1, length - 2, '    [... lines matching original stack trace ...]');
  }
  return `${error.stack}\nEmitted 'error' event${on} at:\n${emitLines.join('\n')}`;
}

module.exports = { remember, stackOf };
