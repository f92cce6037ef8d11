'use strict';
// The commands of a REPL, which begin with a dot.

const lazy = require('internal/lazy');
const { codes: { ERR_MISSING_ARGS } } = require('internal/errors');

const getFs = lazy(() => require('fs'));

function help() {
  const names = Object.keys(this.commands).sort();
  const width = Math.max(...names.map((name) => name.length)) + 3;
  for (const name of names) {
    const { help } = this.commands[name];
    this.output.write(`.${help ? name.padEnd(width) + help : name}\n`);
  }
  this.output.write('\nPress Ctrl+C to abort current expression, Ctrl+D to exit the REPL\n');
  this.displayPrompt();
}

function save(file) {
  try {
    if (file === '') throw new ERR_MISSING_ARGS('file');
    getFs().writeFileSync(file, this.lines.join('\n'));
    this.output.write(`Session saved to: ${file}\n`);
  } catch (error) {
    this.output.write(error.code === 'ERR_MISSING_ARGS' ? `${error.message}\n` : `Failed to save: ${file}\n`);
  }
  this.displayPrompt();
}

function load(file) {
  try {
    if (file === '') throw new ERR_MISSING_ARGS('file');
    if (getFs().statSync(file).isFile()) {
      this.enterEditorMode();
      this.isLoading = true;
      this.write(getFs().readFileSync(file, 'utf8'));
      this.isLoading = false;
      this.leaveEditorMode();
      this.write('\n');
    } else {
      this.output.write(`Failed to load: ${file} is not a valid file\n`);
    }
  } catch (error) {
    this.output.write(error.code === 'ERR_MISSING_ARGS' ? `${error.message}\n` : `Failed to load: ${file}\n`);
  }
  this.displayPrompt();
}

function defineCommands(repl) {
  repl.defineCommand('break', {
    help: 'Sometimes you get stuck, this gets you out',
    action() {
      this.clearBufferedCommand();
      this.displayPrompt();
    },
  });
  repl.defineCommand('clear', {
    help: repl.useGlobal ? 'Alias for .break' : 'Break, and also clear the local context',
    action() {
      this.clearBufferedCommand();
      if (!this.useGlobal) {
        this.output.write('Clearing context...\n');
        this.resetContext();
      }
      this.displayPrompt();
    },
  });
  repl.defineCommand('exit', { help: 'Exit the REPL', action() { this.close(); } });
  repl.defineCommand('help', { help: 'Print this help message', action: help });
  repl.defineCommand('save', { help: 'Save all evaluated commands in this REPL session to a file', action: save });
  repl.defineCommand('load', { help: 'Load JS from a file into the REPL session', action: load });
  if (!repl.terminal) return;
  repl.defineCommand('editor', {
    help: 'Enter editor mode',
    action() {
      this.enterEditorMode();
      this.output.write('// Entering editor mode (Ctrl+D to finish, Ctrl+C to cancel)\n');
    },
  });
}

module.exports = { defineCommands };
