'use strict';
// File (File API): a Blob with a name and a date.

const { ERR_INVALID_THIS, ERR_MISSING_ARGS } = require('internal/errors').codes;
const { customInspectSymbol, kEnumerableProperty } = require('internal/util');
const { Blob } = require('internal/blob');
const { kClone, kDeserialize } = require('internal/structured_clone/symbols');
const lazy = require('internal/lazy');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

let isFile;

class File extends Blob {
  #name;
  #lastModified;

  static {
    isFile = (value) => typeof value === 'object' && value !== null && #name in value;
  }

  constructor(fileBits, fileName, options = undefined) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('fileBits', 'fileName');
    super(fileBits, options);
    const lastModified = options?.lastModified;
    // Web IDL's long long: unary plus refuses BigInts and symbols as it does
    this.#lastModified = lastModified === undefined ? Date.now() : Math.trunc(+lastModified) || 0;
    this.#name = `${fileName}`.toWellFormed();
  }

  get name() {
    if (!isFile(this)) throw new ERR_INVALID_THIS('File');
    return this.#name;
  }

  get lastModified() {
    if (!isFile(this)) throw new ERR_INVALID_THIS('File');
    return this.#lastModified;
  }

  [kClone]() {
    const { data } = super[kClone]();
    return {
      data: { ...data, name: this.#name, lastModified: this.#lastModified },
      deserializeInfo: 'internal/file:ClonedFile',
    };
  }

  [kDeserialize](data) {
    super[kDeserialize](data);
    this.#name = data.name;
    this.#lastModified = data.lastModified;
  }

  [customInspectSymbol](depth, options) {
    if (typeof depth === 'number' && depth < 0) return options.stylize('[File]', 'special');
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    const { size, type, name, lastModified } = this;
    return `File ${getInspect()({ size, type, name, lastModified }, inner)}`;
  }
}

Object.defineProperties(File.prototype, {
  name: kEnumerableProperty,
  lastModified: kEnumerableProperty,
  [customInspectSymbol]: { __proto__: null, enumerable: false },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'File' },
});

// Made where a message arrives, then filled by [kDeserialize].
function ClonedFile() {
  return new File([], '');
}
ClonedFile.prototype = File.prototype;

module.exports = { ClonedFile, File };
