'use strict';
// --test-global-setup: a module whose globalSetup() runs before all tests and whose globalTeardown() after them.

const path = require('path');
const process = require('process');
const { validateFunction } = require('internal/validators');
const { pathToFileURL } = require('internal/url');

/** Runs the setup; the harness runs the teardown when all is done. */
async function setUp(root, { cwd = process.cwd(), globalSetup: file }) {
  const { importModule } = require('internal/modules/esm');
  const { harness } = root;
  const url = pathToFileURL(path.resolve(cwd, file)).href;
  const { globalSetup, globalTeardown } = await importModule(url, pathToFileURL(`${cwd}/`).href);
  if (globalSetup !== undefined) {
    validateFunction(globalSetup, 'globalSetupModule.globalSetup');
    await globalSetup();
  }
  if (globalTeardown === undefined) return;
  validateFunction(globalTeardown, 'globalSetupModule.globalTeardown');
  let isDone = false;
  harness.teardown = async () => {
    if (isDone) return;
    isDone = true;
    await globalTeardown();
  };
}

module.exports = { setUp };
