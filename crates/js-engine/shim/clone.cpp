// Structured clone, within a thread and between threads of the process.
#include "shim.h"

#include "js/StructuredClone.h"
#include "js/Vector.h"
#include "js/WasmModule.h"

// Called for objects that the algorithm does not know: writes them as a number that `Read` turns back.
typedef bool (*WriteHost)(JSContext* cx, void* closure, const Value* object, uint32_t* id);
typedef bool (*ReadHost)(JSContext* cx, void* closure, uint32_t id, Value* out);
typedef void (*CloneFailed)(JSContext* cx, void* closure, const char* message);

struct SmClone {
  JSAutoStructuredCloneBuffer buffer;
  js::Vector<RefPtr<JS::WasmModule>, 0, js::SystemAllocPolicy> wasm;
  SmClone(const JSStructuredCloneCallbacks* callbacks, void* closure)
      : buffer(JS::StructuredCloneScope::SameProcess, callbacks, closure) {}
};
struct SmCloneHost {
  WriteHost write;
  ReadHost read;
  CloneFailed failed;
  void* closure;
};

namespace {

const uint32_t kHostTag = JS_SCTAG_USER_MIN + 1;
const uint32_t kWasmTag = JS_SCTAG_USER_MIN + 2;

// What the callbacks get.
struct Under {
  SmCloneHost* host;
  SmClone* clone;
};

JSObject* Read(JSContext* cx, JSStructuredCloneReader*, const JS::CloneDataPolicy&, uint32_t tag, uint32_t data, void* c) {
  auto* host = ((Under*)c)->host;
  JS::RootedValue out(cx);
  if (tag == kWasmTag && data < ((Under*)c)->clone->wasm.length()) return ((Under*)c)->clone->wasm[data]->createObject(cx);
  if (tag != kHostTag || !host->read(cx, host->closure, data, out.address())) return nullptr;
  return out.isObject() ? &out.toObject() : nullptr;
}
bool Write(JSContext* cx, JSStructuredCloneWriter* writer, JS::HandleObject object, bool*, void* c) {
  auto* host = ((Under*)c)->host;
  JS::RootedValue v(cx, JS::ObjectValue(*object));
  uint32_t id = 0;
  if (JS::IsWasmModuleObject(object)) {
    auto& wasm = ((Under*)c)->clone->wasm;
    return wasm.append(JS::GetWasmModule(object)) && JS_WriteUint32Pair(writer, kWasmTag, uint32_t(wasm.length() - 1));
  }
  return host->write(cx, host->closure, v.address(), &id) && JS_WriteUint32Pair(writer, kHostTag, id);
}
void Failed(JSContext* cx, uint32_t, void* c, const char* message) {
  auto* host = ((Under*)c)->host;
  host->failed(cx, host->closure, message);
}
const JSStructuredCloneCallbacks kCallbacks = {Read, Write, Failed, nullptr, nullptr, nullptr, nullptr, nullptr};

JS::CloneDataPolicy Policy() {
  JS::CloneDataPolicy policy;
  policy.allowIntraClusterClonableSharedObjects();
  policy.allowSharedMemoryObjects();
  return policy;
}

}  // namespace

extern "C" {

SmClone* sm_clone_write(JSContext* cx, const Value* value, const Value* transfer, SmCloneHost* host) {
  // nothing that is transferred is the host's, so that freeing the buffer later calls nobody back
  auto* clone = new SmClone(&kCallbacks, nullptr);
  Under under{host, clone};
  if (!clone->buffer.write(cx, H(value), H(transfer), Policy(), &kCallbacks, &under)) {
    delete clone;
    return nullptr;
  }
  return clone;
}
bool sm_clone_read(JSContext* cx, SmClone* clone, SmCloneHost* host, Value* out) {
  Under under{host, clone};
  return clone->buffer.read(cx, M(out), Policy(), &kCallbacks, &under);
}
void sm_clone_free(SmClone* clone) { delete clone; }
}
