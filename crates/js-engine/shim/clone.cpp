// Structured clone, within a thread and between threads of the process.
#include "shim.h"

#include "js/StructuredClone.h"

// Called for objects that the algorithm does not know: writes them as a number that `Read` turns back.
typedef bool (*WriteHost)(JSContext* cx, void* closure, const Value* object, uint32_t* id);
typedef bool (*ReadHost)(JSContext* cx, void* closure, uint32_t id, Value* out);
typedef void (*CloneFailed)(JSContext* cx, void* closure, const char* message);

struct SmClone {
  JSAutoStructuredCloneBuffer buffer;
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

JSObject* Read(JSContext* cx, JSStructuredCloneReader*, const JS::CloneDataPolicy&, uint32_t tag, uint32_t data, void* c) {
  auto* host = (SmCloneHost*)c;
  JS::RootedValue out(cx);
  if (tag != kHostTag || !host->read(cx, host->closure, data, out.address())) return nullptr;
  return out.isObject() ? &out.toObject() : nullptr;
}
bool Write(JSContext* cx, JSStructuredCloneWriter* writer, JS::HandleObject object, bool*, void* c) {
  auto* host = (SmCloneHost*)c;
  JS::RootedValue v(cx, JS::ObjectValue(*object));
  uint32_t id = 0;
  return host->write(cx, host->closure, v.address(), &id) && JS_WriteUint32Pair(writer, kHostTag, id);
}
void Failed(JSContext* cx, uint32_t, void* c, const char* message) {
  auto* host = (SmCloneHost*)c;
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
  auto* clone = new SmClone(&kCallbacks, host);
  if (!clone->buffer.write(cx, H(value), H(transfer), Policy(), &kCallbacks, host)) {
    delete clone;
    return nullptr;
  }
  return clone;
}
bool sm_clone_read(JSContext* cx, SmClone* clone, SmCloneHost* host, Value* out) {
  return clone->buffer.read(cx, M(out), Policy(), &kCallbacks, host);
}
void sm_clone_free(SmClone* clone) { delete clone; }
}
