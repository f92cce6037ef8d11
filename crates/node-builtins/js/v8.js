'use strict';
// node:v8. The engine is not V8: what remains is its wire format, and what of its numbers has a counterpart here.
// Snapshots, profiles and coverage have none.

const { Buffer } = require('buffer');
const lazy = require('internal/lazy');
const { Serializer } = require('internal/v8/serializer');
const { Deserializer } = require('internal/v8/deserializer');
const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_INVALID_ARG_TYPE, ERR_NOT_BUILDING_SNAPSHOT },
} = require('internal/errors');
const { typedArrayName } = require('internal/util/types');
const { validateString, validateUint32 } = require('internal/validators');

const getInspect = lazy(() => require('internal/util/inspect').inspect);

// The place of a class is its number in the bytes.
const viewClasses = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, DataView, Buffer, BigInt64Array, BigUint64Array, Float16Array,
];
const bufferIndex = 10;
const viewNames = viewClasses.map((Class) => Class.name);

function indexOfView(view) {
  if (Buffer.isBuffer(view)) return bufferIndex;
  return viewNames.indexOf(typedArrayName(view) ?? 'DataView');
}

class DefaultSerializer extends Serializer {
  constructor() {
    super();
    this._setTreatArrayBufferViewsAsHostObjects(true);
  }

  _writeHostObject(view) {
    if (!ArrayBuffer.isView(view)) {
      throw new this._getDataCloneError(`Unserializable host object: ${getInspect()(view)}`);
    }
    this.writeUint32(indexOfView(view));
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}

class DefaultDeserializer extends Deserializer {
  _readHostObject() {
    const index = this.readUint32();
    const Class = viewClasses[index];
    const byteLength = this.readUint32();
    const start = this._readRawBytes(byteLength);
    const size = Class.BYTES_PER_ELEMENT ?? 1;
    const offset = this.buffer.byteOffset + start;
    if (index === bufferIndex) return Buffer.from(this.buffer.buffer, offset, byteLength);
    if (offset % size === 0) return new Class(this.buffer.buffer, offset, byteLength / size);
    const copy = this.buffer.buffer.slice(offset, offset + byteLength);
    return new Class(copy, 0, byteLength / size);
  }
}

function serialize(value) {
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

function deserialize(buffer) {
  const deserializer = new DefaultDeserializer(buffer);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** The engine's heap, in V8's terms; what it does not count is 0. */
function getHeapStatistics() {
  const [used, committed, limit] = binding.heapNumbers();
  return {
    total_heap_size: committed,
    total_heap_size_executable: 0,
    total_physical_size: committed,
    total_available_size: Math.max(0, limit - used),
    used_heap_size: used,
    heap_size_limit: limit,
    malloced_memory: 0,
    peak_malloced_memory: 0,
    does_zap_garbage: 0,
    number_of_native_contexts: 1,
    number_of_detached_contexts: 0,
    total_global_handles_size: 0,
    used_global_handles_size: 0,
    external_memory: 0,
    total_allocated_bytes: used,
  };
}

// Spaces that programs look for by name. The engine's heap is one, which is told of as the largest of V8's.
const heapSpaces = [
  'read_only_space', 'new_space', 'old_space', 'code_space', 'shared_space', 'trusted_space', 'shared_trusted_space',
  'new_large_object_space', 'large_object_space', 'code_large_object_space', 'shared_large_object_space',
  'shared_trusted_large_object_space', 'trusted_large_object_space',
];

function getHeapSpaceStatistics() {
  const [used, committed, limit] = binding.heapNumbers();
  return heapSpaces.map((name) => {
    const isWhole = name === 'old_space';
    return {
      space_name: name,
      space_size: isWhole ? committed : 0,
      space_used_size: isWhole ? used : 0,
      space_available_size: isWhole ? Math.max(0, limit - used) : 0,
      physical_space_size: isWhole ? committed : 0,
    };
  });
}

function getHeapCodeStatistics() {
  return {
    code_and_metadata_size: 0,
    bytecode_and_metadata_size: 0,
    external_script_source_size: 0,
    cpu_profiler_metadata_size: 0,
  };
}

/** Flags are V8's, so there is nothing to switch. */
function setFlagsFromString(flags) {
  validateString(flags, 'flags');
}

const absent = (name) => ({
  [name]() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`v8.${name}`);
  },
})[name];

function setHeapSnapshotNearHeapLimit(limit) {
  validateUint32(limit, 'limit', true);
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('v8.setHeapSnapshotNearHeapLimit');
}

function isStringOneByteRepresentation(content) {
  if (typeof content !== 'string') throw new ERR_INVALID_ARG_TYPE('content', 'string', content);
  return binding.isOneByteString(content);
}

function refuseOutsideSnapshot() {
  throw new ERR_NOT_BUILDING_SNAPSHOT();
}

const startupSnapshot = {
  isBuildingSnapshot: () => false,
  addSerializeCallback(callback, data) { refuseOutsideSnapshot(callback, data); },
  addDeserializeCallback(callback, data) { refuseOutsideSnapshot(callback, data); },
  setDeserializeMainFunction(callback, data) { refuseOutsideSnapshot(callback, data); },
};

module.exports = {
  cachedDataVersionTag: () => binding.cachedDataVersionTag(),
  getHeapSnapshot: absent('getHeapSnapshot'),
  getHeapStatistics,
  getHeapSpaceStatistics,
  getHeapCodeStatistics,
  setFlagsFromString,
  Serializer,
  Deserializer,
  DefaultSerializer,
  DefaultDeserializer,
  deserialize,
  serialize,
  writeHeapSnapshot: absent('writeHeapSnapshot'),
  startupSnapshot,
  setHeapSnapshotNearHeapLimit,
  isStringOneByteRepresentation,
};
