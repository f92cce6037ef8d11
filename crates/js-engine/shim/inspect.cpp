// What util.inspect and error printing want to know: classes of objects, proxies, frames of stacks.
#include "shim.h"

#include "js/Array.h"
#include "js/Exception.h"
#include "js/Object.h"
#include "js/PropertyAndElement.h"
#include "js/Proxy.h"
#include "js/SavedFrameAPI.h"
#include "js/Stack.h"
#include "js/experimental/JitInfo.h"

extern "C" {

// js::ESClass of the object, without looking through proxies; -1 for primitives and proxies.
int sm_builtin_class(JSContext* cx, const Value* v) {
  if (!v->isObject() || js::IsProxy(&v->toObject())) return -1;
  JS::RootedObject o(cx, &v->toObject());
  js::ESClass cls;
  if (!JS::GetBuiltinClass(cx, o, &cls)) {
    JS_ClearPendingException(cx);
    return -1;
  }
  return int(cls);
}
// The name of the JSClass, such as "Generator Object" or "WeakMap"; null for primitives.
const char* sm_class_name(const Value* v) { return v->isObject() ? JS::GetClass(&v->toObject())->name : nullptr; }
bool sm_proxy(const Value* v, Value* target, Value* handler) {
  if (!v->isObject() || !js::IsScriptedProxy(&v->toObject())) return false;
  target->setObjectOrNull(js::GetProxyTargetObject(&v->toObject()));
  *handler = js::GetProxyReservedSlot(&v->toObject(), 0);
  return true;
}
// 0 not a function, 1 plain, 2 generator, 3 async, 4 async generator comes from the private part of the shim.
bool sm_function_name(JSContext* cx, const Value* f, Value* out) {
  JS::RootedObject o(cx, O(f));
  JS::RootedFunction function(cx, JS_GetObjectFunction(o));
  JS::RootedString name(cx);
  if (function && !JS_GetFunctionDisplayId(cx, function, &name)) return false;
  name ? out->setString(name) : out->setString(JS_GetEmptyString(cx));
  return true;
}

typedef bool (*TakeFrame)(void* sink, JSContext* cx, const Value* name, const Value* file, uint32_t line, uint32_t column,
                          bool async);

// The stack that the engine kept with an error object (also one that it threw itself); undefined when there is none.
void sm_error_stack(JSContext* cx, const Value* error, Value* out) {
  JS::RootedObject o(cx, O(error));
  JSObject* stack = o ? JS::ExceptionStackOrNull(o) : nullptr;
  stack ? out->setObject(*stack) : out->setUndefined();
}
// `after`: a function, or undefined: frames up to and with its youngest call are left out.
bool sm_capture_stack(JSContext* cx, uint32_t limit, const Value* after, Value* out) {
  JS::RootedObject stack(cx), start(cx, O(after));
  if (limit == 0) return out->setUndefined(), true;
  if (!JS::CaptureCurrentStack(cx, &stack, JS::StackCapture(JS::MaxFrames(limit)), start)) return false;
  stack ? out->setObject(*stack) : out->setUndefined();
  return true;
}
bool sm_stack_frames(JSContext* cx, const Value* stack, uint32_t limit, TakeFrame take, void* sink) {
  JS::RootedObject frame(cx, O(stack)), next(cx);
  JS::RootedString text(cx);
  JS::RootedValue name(cx), file(cx);
  const auto only = JS::SavedFrameSelfHosted::Exclude;
  // the engine's own function between a call and the one that waits for it has no cause
  bool async = false;
  for (uint32_t i = 0; frame && i < limit; i++) {
    uint32_t line = 0;
    JS::TaggedColumnNumberOneOrigin column;
    text = nullptr;
    if (JS::GetSavedFrameSource(cx, nullptr, frame, &text, only) != JS::SavedFrameResult::Ok) break;
    file.setString(text);
    text = nullptr;
    JS::GetSavedFrameFunctionDisplayName(cx, nullptr, frame, &text, only);
    text ? name.setString(text) : name.setNull();
    JS::GetSavedFrameLine(cx, nullptr, frame, &line, only);
    JS::GetSavedFrameColumn(cx, nullptr, frame, &column, only);
    text = nullptr;
    JS::GetSavedFrameAsyncCause(cx, nullptr, frame, &text, only);
    async = async || text;
    if (!take(sink, cx, name.address(), file.address(), line, column.oneOriginValue(), async)) return false;
    next = nullptr;
    JS::GetSavedFrameParent(cx, nullptr, frame, &next, only);
    async = !next;
    if (async) JS::GetSavedFrameAsyncParent(cx, nullptr, frame, &next, only);
    frame = next;
  }
  return true;
}
}
