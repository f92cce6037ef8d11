// Compiling and running scripts and functions; stencils and their bytecode.
#include "shim.h"

#include "js/CompilationAndEvaluation.h"
#include "js/EnvironmentChain.h"
#include "js/ScriptPrivate.h"
#include "js/Transcoding.h"
#include "js/experimental/CompileScript.h"
#include "js/experimental/JSStencil.h"

void FillOptions(JS::CompileOptions& options, const SmSource* source) {
  options.setFileAndLine(source->file, source->line);
  if (source->column) options.setColumn(JS::ColumnNumberOneOrigin(source->column));
}

namespace {

template <typename F>
auto WithSource(JSContext* cx, const SmSource* source, F compile) -> decltype(compile(*(JS::SourceText<char16_t>*)nullptr)) {
  if (source->width == 2) {
    JS::SourceText<char16_t> text;
    if (!text.init(cx, (const char16_t*)source->text, source->length, JS::SourceOwnership::Borrowed)) return nullptr;
    return compile(text);
  }
  JS::SourceText<mozilla::Utf8Unit> text;
  if (!text.init(cx, source->text, source->length, JS::SourceOwnership::Borrowed)) return nullptr;
  return compile(text);
}

}  // namespace

extern "C" {

// A script, as a value that only the shim looks into.
bool sm_compile(JSContext* cx, const SmSource* source, bool runOnce, const Value* priv, Value* out) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  options.setIsRunOnce(runOnce);
  JSScript* script = WithSource(cx, source, [&](auto& text) { return JS::Compile(cx, options, text); });
  if (!script) return false;
  if (!priv->isUndefined()) JS::SetScriptPrivate(script, *priv);
  *out = JS::PrivateGCThingValue((js::gc::Cell*)script);
  return true;
}
bool sm_run(JSContext* cx, const Value* script, Value* out) {
  JS::RootedScript s(cx, (JSScript*)script->toGCThing());
  return JS_ExecuteScript(cx, s, M(out));
}
// A function with the given parameters; `line` 0 leaves the positions of the body's own lines as they stand.
bool sm_compile_function(JSContext* cx, const SmSource* source, const char* name, unsigned count, const char* const* names,
                         const Value* scopes, size_t scopeCount, const Value* priv, Value* out) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  JS::EnvironmentChain environment(cx, JS::SupportUnscopables::No);
  for (size_t i = 0; i < scopeCount; i++) {
    if (!environment.append(O(scopes + i))) return false;
  }
  JS::RootedFunction function(cx);
  function = WithSource(cx, source, [&](auto& text) { return JS::CompileFunction(cx, environment, options, name, count, names, text); });
  if (!function) return false;
  if (!priv->isUndefined()) {
    if (JSScript* script = JS_GetFunctionScript(cx, function)) JS::SetScriptPrivate(script, *priv);
  }
  out->setObject(*JS_GetFunctionObject(function));
  return true;
}
// Whether the text ends inside a construct that more lines could complete.
bool sm_is_compilable_unit(JSContext* cx, const char* text, size_t length) {
  JS::RootedObject global(cx, JS::CurrentGlobalOrNull(cx));
  return JS_Utf8BufferIsCompilableUnit(cx, global, text, length);
}

JS::Stencil* sm_stencil_compile(JSContext* cx, const SmSource* source, bool module, bool eager) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  if (eager) options.setForceFullParse();
  if (module) {
    options.setModule();
    return WithSource(cx, source, [&](auto& text) { return JS::CompileModuleScriptToStencil(cx, options, text).take(); });
  }
  return WithSource(cx, source, [&](auto& text) { return JS::CompileGlobalScriptToStencil(cx, options, text).take(); });
}
void sm_stencil_release(JS::Stencil* stencil) { JS::StencilRelease(stencil); }
bool sm_stencil_script(JSContext* cx, const SmSource* source, JS::Stencil* stencil, const Value* priv, Value* out) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  JS::InstantiateOptions instantiate(options);
  JSScript* script = JS::InstantiateGlobalStencil(cx, instantiate, stencil);
  if (!script) return false;
  if (!priv->isUndefined()) JS::SetScriptPrivate(script, *priv);
  *out = JS::PrivateGCThingValue((js::gc::Cell*)script);
  return true;
}
bool sm_stencil_module(JSContext* cx, const SmSource* source, JS::Stencil* stencil, Value* out) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  options.setModule();
  JS::InstantiateOptions instantiate(options);
  JSObject* module = JS::InstantiateModuleStencil(cx, instantiate, stencil);
  if (!module) return false;
  out->setObject(*module);
  return true;
}
typedef void (*TakeBytes)(void* sink, const uint8_t* data, size_t length);
bool sm_stencil_encode(JSContext* cx, JS::Stencil* stencil, TakeBytes take, void* sink) {
  JS::TranscodeBuffer buffer;
  if (JS::EncodeStencil(cx, stencil, buffer) != JS::TranscodeResult::Ok) return false;
  take(sink, buffer.begin(), buffer.length());
  return true;
}
// Null without an exception when the bytes are another build's or damaged.
// `forever`: the bytes are at a multiple of eight and stay there as long as the process lives, so they are used in place.
JS::Stencil* sm_stencil_decode(JSContext* cx, const SmSource* source, bool module, bool forever, const uint8_t* data, size_t length) {
  JS::CompileOptions options(cx);
  FillOptions(options, source);
  if (module) options.setModule();
  options.usePinnedBytecode = forever;
  options.borrowBuffer = forever;
  JS::DecodeOptions decode(options);
  JS::Stencil* stencil = nullptr;
  if (JS::DecodeStencil(cx, decode, JS::TranscodeRange(data, length), &stencil) != JS::TranscodeResult::Ok) return nullptr;
  return stencil;
}
bool sm_collect_delazifications(JSContext* cx, const Value* script, JS::Stencil* stencil) {
  JS::RootedScript s(cx, (JSScript*)script->toGCThing());
  JS::CollectDelazificationsResult result;
  return JS::StartCollectingDelazifications(cx, s, stencil, result);
}
JS::Stencil* sm_collected_stencil(JSContext* cx, const Value* script) {
  JS::RootedScript s(cx, (JSScript*)script->toGCThing());
  JS::Stencil* stencil = nullptr;
  return JS::FinishCollectingDelazifications(cx, s, &stencil) ? stencil : nullptr;
}
}
