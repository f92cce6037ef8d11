// The one part of the shim that includes SpiderMonkey's private headers, for what has no public face:
// the requests of a module, modules made of values, kinds of functions, entries of iterators and weak collections.
// Looked at again with every engine upgrade.
#include "shim.h"

#include "builtin/MapObject.h"
#include "builtin/ModuleObject.h"
#include "js/Array.h"
#include "js/WeakMap.h"
#include "vm/ArrayObject.h"
#include "vm/EnvironmentObject.h"
#include "vm/JSAtomUtils.h"
#include "vm/JSContext.h"
#include "vm/JSFunction.h"
#include "vm/JSScript.h"
#include "vm/TypedArrayObject.h"

#include <algorithm>

#include "vm/EnvironmentObject-inl.h"
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
    // who asked decides about it; the engine would refuse to load the request
    request->setReservedSlot(ModuleRequestObject::FirstUnsupportedAttributeKeySlot, JS::NullValue());
  }
  return true;
}
// A module that is nothing but what `import source` of it gives.
bool sm_source_module(JSContext* cx, const Value* source, Value* out) {
  JS::Rooted<ModuleObject*> m(cx, ModuleObject::create(cx));
  if (!m) return false;
  JS::RootedObject object(cx, O(source));
  m->initModuleSourceSlot(object);
  JS::Rooted<ScriptSourceObject*> script(cx, ScriptSourceObject::createForWasmModule(cx));
  if (!script) return false;
  m->initScriptSourceObject(script);
  if (!ModuleObject::createWasmEnvironment(cx, m) || !ModuleObject::Freeze(cx, m)) return false;
  out->setObject(*m);
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

// Undefined when `ns` is no namespace object.
void sm_module_of_namespace(JSContext*, const Value* ns, Value* out) {
  JSObject* o = O(ns);
  if (o && o->is<ModuleNamespaceObject>()) out->setObject(o->as<ModuleNamespaceObject>().module());
  else out->setUndefined();
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

bool sm_is_namespace(const Value* v) { return v->isObject() && v->toObject().is<ModuleNamespaceObject>(); }

namespace {

// `all` is what the iterator's Map or Set holds, `width` values an entry; what was given already is left out.
bool Remaining(JSContext* cx, NativeObject* iterator, JS::Handle<GCVector<Value>> all, size_t width, Value* out, bool* pairs) {
  auto kind = TableIteratorObject::Kind(iterator->getReservedSlot(TableIteratorObject::KindSlot).toPrivateUint32());
  size_t given = iterator->getReservedSlot(TableIteratorObject::CountSlot).toPrivateUint32();
  *pairs = kind == TableIteratorObject::Kind::Entries;
  JS::RootedValueVector rest(cx);
  for (size_t i = given * width; i < all.length(); i += width) {
    const Value& key = all[i];
    const Value& value = all[i + width - 1];
    bool ok = *pairs ? rest.append(key) && rest.append(value)
                     : rest.append(kind == TableIteratorObject::Kind::Keys ? key : value);
    if (!ok) return false;
  }
  JSObject* array = JS::NewArrayObject(cx, rest);
  if (!array) return false;
  out->setObject(*array);
  return true;
}

bool WeakEntries(JSContext* cx, JS::HandleObject map, JS::HandleObject keys, Value* out) {
  JS::RootedValueVector entries(cx);
  JS::RootedValue key(cx), value(cx);
  uint32_t length;
  if (!JS::GetArrayLength(cx, keys, &length)) return false;
  for (uint32_t i = 0; i < length; i++) {
    if (!JS_GetElement(cx, keys, i, &key) || !JS::GetWeakMapEntry(cx, map, key, &value)) return false;
    if (!entries.append(key) || !entries.append(value)) return false;
  }
  JSObject* array = JS::NewArrayObject(cx, entries);
  if (!array) return false;
  out->setObject(*array);
  return true;
}

}  // namespace

// What an iterator over a Map or Set has still to give (it does not move), or what a WeakMap or WeakSet holds, in no
// order. `pairs`: keys and values take turns. `out` is undefined for every other value.
bool sm_preview_entries(JSContext* cx, const Value* v, Value* out, bool* pairs) {
  out->setUndefined();
  *pairs = false;
  if (!v->isObject()) return true;
  JS::RootedObject object(cx, &v->toObject()), keys(cx);
  if (object->is<MapIteratorObject>() || object->is<SetIteratorObject>()) {
    JS::Rooted<NativeObject*> iterator(cx, &object->as<NativeObject>());
    JS::Rooted<GCVector<Value>> all(cx, GCVector<Value>(cx));
    const Value target = iterator->getReservedSlot(TableIteratorObject::TargetSlot);
    bool isMap = object->is<MapIteratorObject>();
    if (target.isObject()) {
      bool ok = isMap ? target.toObject().as<MapObject>().getKeysAndValuesInterleaved(&all)
                      : target.toObject().as<SetObject>().keys(&all);
      if (!ok) return false;
    }
    return Remaining(cx, iterator, all, isMap ? 2 : 1, out, pairs);
  }
  if (JS::IsWeakMapObject(object)) {
    *pairs = true;
    return JS_NondeterministicGetWeakMapKeys(cx, object, &keys) && WeakEntries(cx, object, keys, out);
  }
  if (JS_NondeterministicGetWeakSetKeys(cx, object, &keys) && keys) out->setObject(*keys);
  return !JS_IsExceptionPending(cx);
}

// Own keys but array indices, strings before symbols. Elements of arrays and typed arrays are not even looked at.
bool sm_own_non_index_keys(JSContext* cx, const Value* object, bool onlyEnumerable, Value* out) {
  JS::RootedObject o(cx, &object->toObject());
  JS::RootedValueVector keys(cx);
  if (o->is<ArrayObject>() || o->is<TypedArrayObject>()) {
    for (bool symbols : {false, true}) {
      size_t start = keys.length();
      for (ShapePropertyIter<NoGC> iter(o->as<NativeObject>().shape()); !iter.done(); iter++) {
        JS::PropertyKey id = iter->key();
        if (id.isInt() || id.isPrivateName() || id.isSymbol() != symbols || (onlyEnumerable && !iter->enumerable())) continue;
        if (!keys.append(symbols ? JS::SymbolValue(id.toSymbol()) : JS::StringValue(id.toString()))) return false;
      }
      std::reverse(keys.begin() + start, keys.end());
    }
  } else {
    JS::RootedIdVector ids(cx);
    unsigned flags = JSITER_OWNONLY | JSITER_SYMBOLS | (onlyEnumerable ? 0 : JSITER_HIDDEN);
    if (!GetPropertyKeys(cx, o, flags, &ids)) return false;
    for (JS::PropertyKey id : ids) {
      uint32_t index;
      if (IdIsIndex(id, &index)) continue;
      if (!keys.append(id.isSymbol() ? JS::SymbolValue(id.toSymbol()) : JS::StringValue(id.toString()))) return false;
    }
  }
  JSObject* array = JS::NewArrayObject(cx, keys);
  if (!array) return false;
  out->setObject(*array);
  return true;
}
}
