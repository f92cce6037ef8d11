'use strict';

// Asynchronous hooks on the thread that they customize, where there are no worker threads. `import` passes through
// them; what cannot wait (`require`, `import.meta.resolve`) gets the default answers.

const engine = require('internal/modules/engine');
const defaults = require('internal/modules/esm_default');
const esm = require('internal/modules/esm');
const { HookChain } = require('internal/modules/hooks_chain');
const resolver = require('internal/modules/resolver');

class InThreadHooks {
  #chain = new HookChain();
  /** What is still initializing; requests wait for it. */
  #ready = Promise.resolve();

  constructor(loaders) {
    const parentURL = `${resolver.fileUrl(require('process').cwd())}/`;
    for (const loader of loaders) this.#register(loader, parentURL, undefined);
  }

  waitForStart() {}

  async request(method, ...args) {
    await this.#ready;
    return method === 'resolve' ? this.#chain.resolve(...args) : this.#chain.load(...args);
  }

  requestSync(method, transferList, ...args) {
    if (method === 'register') {
      const [specifier, parentURL, data] = args;
      this.#register(specifier, parentURL, structuredClone(data, { transfer: transferList }));
      return undefined;
    }
    if (method === 'resolve') return defaults.resolve(args[0], { parentURL: args[1], importAttributes: args[2] });
    return defaults.load(args[0], args[1]);
  }

  /** Runs the module of hooks at once, and as far as it goes. */
  #register(specifier, parentURL, data) {
    const job = esm.loadedJobSync(specifier, parentURL, { __proto__: null });
    esm.instantiate(job);
    const evaluation = job.evaluation ??= engine.evaluate(job.module);
    const add = () => this.#chain.add(job.url, engine.namespace(job.module), data);
    switch (engine.status(job.module)) {
      case 'errored': {
        Promise.prototype.then.call(evaluation, undefined, () => {});
        throw engine.moduleError(job.module);
      }
      case 'evaluated': {
        const initialized = add();
        this.#ready = Promise.all([this.#ready, initialized]);
        break;
      }
      default: this.#ready = Promise.all([this.#ready, evaluation.then(add)]);
    }
  }
}

module.exports = { InThreadHooks };
