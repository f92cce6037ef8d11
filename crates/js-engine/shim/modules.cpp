// ES modules: compiling, linking, evaluating, and the hooks by which the engine asks for them.
#include "shim.h"

#include "js/ArrayBuffer.h"
#include "js/Modules.h"
#include "js/Promise.h"
#include "js/ScriptPrivate.h"

typedef bool (*LoadHook)(JSContext* cx, const Value* referrer, const Value* referrerPrivate, const Value* request,
                         const Value* specifier, uint32_t type, bool sourcePhase, const Value* payload, bool dynamic);
typedef bool (*MetaHook)(JSContext* cx, const Value* priv, const Value* meta);

namespace {

LoadHook gLoad = nullptr;
MetaHook gMeta = nullptr;

bool OnLoad(JSContext* cx, JS::Handle<JSScript*> referrer, JS::Handle<JSObject*> request, JS::Handle<Value>,
            JS::Handle<Value> payload, uint32_t, JS::ColumnNumberOneOrigin) {
  JS::RootedValue from(cx), priv(cx), ask(cx, JS::ObjectValue(*request)), specifier(cx);
  if (referrer) {
    from = JS::PrivateGCThingValue((js::gc::Cell*)referrer.get());
    priv = JS::GetScriptPrivate(referrer);
  }
  JSString* text = JS::GetModuleRequestSpecifier(cx, request);
  if (!text) return false;
  specifier.setString(text);
  JS::RootedObject promise(cx, payload.isObject() ? &payload.toObject() : nullptr);
  bool dynamic = promise && JS::IsPromiseObject(promise);
  return gLoad(cx, from.address(), priv.address(), ask.address(), specifier.address(),
               uint32_t(JS::GetModuleRequestType(cx, request)), JS::ModuleRequestIsSourcePhase(cx, request),
               payload.address(), dynamic);
}

bool OnMeta(JSContext* cx, JS::Handle<JSObject*> module, JS::Handle<JSObject*> meta) {
  JS::RootedValue priv(cx, JS::GetModulePrivate(module)), object(cx, JS::ObjectValue(*meta));
  return gMeta(cx, priv.address(), object.address());
}

}  // namespace

extern "C" {

void sm_module_hooks(JSContext* cx, LoadHook load, MetaHook meta) {
  gLoad = load;
  gMeta = meta;
  JS::SetModuleLoadHook(JS_GetRuntime(cx), OnLoad);
  JS::SetModuleMetadataHook(JS_GetRuntime(cx), OnMeta);
}
bool sm_compile_module(JSContext* cx, const SmSource* source, const Value* priv, Value* out) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  JSObject* module = nullptr;
  if (source->width == 2) {
    JS::SourceText<char16_t> text;
    if (!text.init(cx, (const char16_t*)source->text, source->length, JS::SourceOwnership::Borrowed)) return false;
    module = JS::CompileModule(cx, options, text);
  } else {
    JS::SourceText<mozilla::Utf8Unit> text;
    if (!text.init(cx, source->text, source->length, JS::SourceOwnership::Borrowed)) return false;
    module = JS::CompileModule(cx, options, text);
  }
  if (!module) return false;
  JS::SetModulePrivate(module, *priv);
  out->setObject(*module);
  return true;
}
void sm_module_private_set(const Value* module, const Value* priv) { JS::SetModulePrivate(O(module), *priv); }
// Walks the graph; the load hook answers every request at once.
bool sm_module_load(JSContext* cx, const Value* module) {
  JS::RootedObject m(cx, O(module)), promise(cx);
  if (!JS::LoadRequestedModules(cx, m, JS::UndefinedHandleValue, &promise)) return false;
  JS::PromiseState state = JS::GetPromiseState(promise);
  if (state == JS::PromiseState::Fulfilled) return true;
  JS::SetAnyPromiseIsHandled(cx, promise);
  if (state == JS::PromiseState::Rejected) {
    JS::RootedValue error(cx, JS::GetPromiseResult(promise));
    JS_SetPendingException(cx, error);
  } else {
    JS_ReportErrorASCII(cx, "a requested module was not ready when its importer was linked");
  }
  return false;
}
bool sm_module_link(JSContext* cx, const Value* module) {
  JS::RootedObject m(cx, O(module));
  return JS::ModuleLink(cx, m);
}
bool sm_module_evaluate(JSContext* cx, const Value* module, Value* promise) {
  JS::RootedObject m(cx, O(module));
  return JS::ModuleEvaluate(cx, m, M(promise));
}
bool sm_module_namespace(JSContext* cx, const Value* module, Value* out) {
  JS::RootedObject m(cx, O(module));
  JSObject* ns = JS::GetModuleNamespace(cx, m);
  if (!ns) return false;
  out->setObject(*ns);
  return true;
}
bool sm_finish_load(JSContext* cx, const Value* referrer, const Value* request, const Value* payload, const Value* module, bool dynamic) {
  JS::RootedScript script(cx, referrer->isUndefined() ? nullptr : (JSScript*)referrer->toGCThing());
  JS::RootedObject ask(cx, O(request)), m(cx, O(module));
  return JS::FinishLoadingImportedModule(cx, script, ask, H(payload), m, dynamic);
}
bool sm_fail_load(JSContext* cx, const Value* payload, const Value* error) {
  return JS::FinishLoadingImportedModuleFailed(cx, H(payload), H(error));
}
}
