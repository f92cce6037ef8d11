// The one part of the shim that includes SpiderMonkey's private headers, for what has no public face:
// the requests of a module, modules made of values, kinds of functions. Looked at again with every engine upgrade.
#include "shim.h"

#include "builtin/ModuleObject.h"
#include "js/Array.h"
#include "vm/EnvironmentObject.h"
#include "vm/JSAtomUtils.h"
#include "vm/JSContext.h"
#include "vm/JSFunction.h"
#include "vm/JSObject-inl.h"
#include "vm/JSAtomUtils-inl.h"

using namespace js;

extern "C" {

typedef bool (*TakeRequest)(void* sink, JSContext* cx, const Value* specifier, uint32_t type, bool sourcePhase,
                            const Value* unsupportedKey, uint32_t line, uint32_t column);

bool sm_module_requests(JSContext* cx, const Value* module, TakeRequest take, void* sink) {
  JS::Rooted<ModuleObject*> m(cx, &module->toObject().as<ModuleObject>());
  size_t count = m->requestedModules().Length();
  for (size_t i = 0; i < count; i++) {
    const auto& requested = m->requestedModules()[i];
    uint32_t line = requested.lineNumber(), column = requested.columnNumber().oneOriginValue();
    JS::Rooted<ModuleRequestObject*> request(cx, requested.moduleRequest());
    JS::RootedValue specifier(cx, JS::StringValue(request->specifier())), key(cx);
    if (request->hasFirstUnsupportedAttributeKey()) key.setString(request->getFirstUnsupportedAttributeKey());
    if (!take(sink, cx, specifier.address(), uint32_t(request->moduleType()), request->phase() == ImportPhase::Source,
              key.address(), line, column)) {
      return false;
    }
  }
  return true;
}
// ModuleStatus: 0 new, 1 unlinked, 2 linking, 3 linked, 4 evaluating, 5 evaluating asynchronously, 6 evaluated; 7 failed.
int sm_module_status(const Value* module) {
  auto& m = module->toObject().as<ModuleObject>();
  return m.status() >= ModuleStatus::Evaluated && m.hadEvaluationError() ? 7 : int(m.status());
}
void sm_module_error(const Value* module, Value* out) { *out = module->toObject().as<ModuleObject>().evaluationError(); }
bool sm_module_has_tla(const Value* module) {
  auto& m = module->toObject().as<ModuleObject>();
  return m.hasCyclicModuleFields() && m.hasTopLevelAwait();
}

bool sm_synthetic_module(JSContext* cx, const Value* names, size_t count, Value* out) {
  JS::Rooted<ExportNameVector> exports(cx);
  for (size_t i = 0; i < count; i++) {
    JS::RootedString name(cx, names[i].toString());
    JSAtom* atom = AtomizeString(cx, name);
    if (!atom || !exports.append(atom)) return false;
  }
  JS::Rooted<ModuleObject*> m(cx, ModuleObject::createSynthetic(cx, &exports));
  if (!m) return false;
  JS::RootedVector<Value> values(cx);
  for (size_t i = 0; i < count; i++) {
    if (!values.append(JS::UndefinedValue())) return false;
  }
  if (!ModuleObject::createSyntheticEnvironment(cx, m, values)) return false;
  out->setObject(*m);
  return true;
}
void sm_synthetic_set(const Value* module, size_t index, const Value* value) {
  auto& environment = module->toObject().as<ModuleObject>().initialEnvironment();
  environment.setAliasedBinding(environment.firstSyntheticValueSlot() + index, *value);
}

// 0 not a scripted or native function, 1 plain, 2 generator, 3 async, 4 async generator, 5 class constructor.
int sm_function_kind(const Value* v) {
  if (!v->isObject() || !v->toObject().is<JSFunction>()) return 0;
  auto& f = v->toObject().as<JSFunction>();
  if (f.isClassConstructor()) return 5;
  return f.isGenerator() ? (f.isAsync() ? 4 : 2) : f.isAsync() ? 3 : 1;
}
}
