// Realms whose global variables live on an object of another realm, as contexts of node:vm do. Uses private headers.
//
// Three objects make such a realm. The global (never seen by programs) holds the language's own names, which the JIT
// reaches at full speed. `Outer`, a proxy, is what programs see as globalThis: everything goes to the sandbox first.
// `Scope`, a proxy that is the global's prototype, answers for bare names that the global does not hold. New variables
// that the engine adds to the global are moved to the sandbox at once, and names of the language that the sandbox has
// too are moved from the global to `hidden`, where they come after it.
#include "shim.h"

#include "js/CallAndConstruct.h"
#include "js/ErrorReport.h"
#include "js/GlobalObject.h"
#include "js/Object.h"
#include "js/Principals.h"
#include "js/PropertyAndElement.h"
#include "js/PropertyDescriptor.h"
#include "js/Proxy.h"
#include "js/Realm.h"
#include "js/RealmOptions.h"
#include "js/Stack.h"
#include "js/friend/WindowProxy.h"
#include "vm/GlobalObject.h"
#include "vm/JSContext.h"
#include "vm/NativeObject.h"
#include "vm/Runtime.h"

#include "vm/JSObject-inl.h"

using JS::HandleId;
using JS::HandleObject;
using JS::MutableHandleIdVector;
using JS::ObjectOpResult;
using JS::PropertyDescriptor;
using JS::RootedObject;
using JS::RootedValue;
using Descriptor = JS::MutableHandle<mozilla::Maybe<PropertyDescriptor>>;
using RootedDescriptor = JS::Rooted<mozilla::Maybe<PropertyDescriptor>>;

namespace {

// Slots of the global.
enum { kSandbox, kHidden, kFlags, kJobs };
enum { kForbidStrings = 1, kForbidWasm = 2, kKeepJobs = 4 };

// While set, what is added to a global stays there.
thread_local bool gKeep = false;

JSObject* Slot(JSObject* global, int slot) { return &JS::GetReservedSlot(global, slot).toObject(); }
JSObject* OuterOf(JSObject* global) { return js::ToWindowProxyIfWindow(global); }
JSObject* GlobalOf(JSObject* proxy) { return &js::GetProxyPrivate(proxy).toObject(); }
bool IsOwn(JSContext* cx, HandleObject o, HandleId id, bool* found) { return JS_HasOwnPropertyById(cx, o, id, found); }

// Takes a property off the global, whatever its attributes.
bool Remove(JSContext* cx, HandleObject global, HandleId id) {
  JS::Rooted<js::NativeObject*> native(cx, &global->as<js::NativeObject>());
  return !native->containsPure(id) || js::NativeObject::removeProperty(cx, native, id);
}

// Moves a name of the language out of the sandbox's way.
bool Hide(JSContext* cx, HandleObject global, HandleId id) {
  RootedDescriptor found(cx);
  if (!JS_GetOwnPropertyDescriptorById(cx, global, id, &found)) return false;
  if (found.isNothing() || !found->configurable()) return true;
  RootedObject hidden(cx, Slot(global, kHidden));
  JS::Rooted<PropertyDescriptor> kept(cx, *found);
  return JS_DefinePropertyById(cx, hidden, id, kept) && Remove(cx, global, id);
}

// A value as programs of the realm see it: the sandbox itself is its global object.
void Disguise(JSObject* global, JSObject* sandbox, MutableHandleValue v) {
  if (v.isObject() && &v.toObject() == sandbox) v.setObject(*OuterOf(global));
}

// A property of the sandbox or its prototypes.
bool GetFromSandbox(JSContext* cx, HandleObject global, HandleId id, MutableHandleValue v, bool* found) {
  RootedObject sandbox(cx, Slot(global, kSandbox));
  if (!JS_HasPropertyById(cx, sandbox, id, found)) return false;
  if (!*found) return true;
  if (!JS_GetPropertyById(cx, sandbox, id, v)) return false;
  Disguise(global, sandbox, v);
  return true;
}

// What is left once sandbox and global were asked: hidden names, and the prototype of the visible global.
bool GetFromRest(JSContext* cx, HandleObject global, HandleId id, MutableHandleValue v, bool* found) {
  RootedObject hidden(cx, Slot(global, kHidden)), outer(cx, OuterOf(global)), proto(cx);
  v.setUndefined();
  if (!IsOwn(cx, hidden, id, found)) return false;
  if (*found) return JS_GetPropertyById(cx, hidden, id, v);
  proto = js::GetStaticPrototype(outer);
  if (!proto) return true;
  RootedValue receiver(cx, JS::ObjectValue(*outer));
  return JS_HasPropertyById(cx, proto, id, found) && (!*found || JS_ForwardGetPropertyTo(cx, proto, id, receiver, v));
}
bool HasInRest(JSContext* cx, HandleObject global, HandleId id, bool* found) {
  RootedObject hidden(cx, Slot(global, kHidden)), proto(cx, js::GetStaticPrototype(OuterOf(global)));
  if (!IsOwn(cx, hidden, id, found)) return false;
  return *found || !proto || JS_HasPropertyById(cx, proto, id, found);
}

bool SetOnSandbox(JSContext* cx, HandleObject global, HandleId id, HandleValue v, ObjectOpResult& result) {
  RootedObject sandbox(cx, Slot(global, kSandbox));
  RootedValue receiver(cx, JS::ObjectValue(*sandbox));
  return JS_ForwardSetPropertyTo(cx, sandbox, id, v, receiver, result);
}

class ScopeHandler final : public js::BaseProxyHandler {
 public:
  static const char family;
  constexpr ScopeHandler() : BaseProxyHandler(&family) {}

  bool has(JSContext* cx, HandleObject proxy, HandleId id, bool* found) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox));
    if (!JS_HasPropertyById(cx, sandbox, id, found)) return false;
    return *found || HasInRest(cx, global, id, found);
  }
  bool get(JSContext* cx, HandleObject proxy, HandleValue, HandleId id, MutableHandleValue v) const override {
    RootedObject global(cx, GlobalOf(proxy));
    bool found = false;
    return GetFromSandbox(cx, global, id, v, &found) && (found || GetFromRest(cx, global, id, v, &found));
  }
  // Only for names that `has` knows: others are added to the global, and moved from there.
  bool set(JSContext* cx, HandleObject proxy, HandleId id, HandleValue v, HandleValue, ObjectOpResult& result) const override {
    RootedObject global(cx, GlobalOf(proxy));
    return SetOnSandbox(cx, global, id, v, result);
  }
  bool getOwnPropertyDescriptor(JSContext* cx, HandleObject proxy, HandleId id, Descriptor found) const override {
    RootedObject sandbox(cx, Slot(GlobalOf(proxy), kSandbox));
    return JS_GetOwnPropertyDescriptorById(cx, sandbox, id, found);
  }
  bool defineProperty(JSContext*, HandleObject, HandleId, JS::Handle<PropertyDescriptor>, ObjectOpResult& result) const override {
    return result.failCantDefineWindowElement();
  }
  bool delete_(JSContext*, HandleObject, HandleId, ObjectOpResult& result) const override { return result.succeed(); }
  bool ownPropertyKeys(JSContext*, HandleObject, MutableHandleIdVector) const override { return true; }
  bool getPrototypeIfOrdinary(JSContext*, HandleObject proxy, bool* ordinary, JS::MutableHandleObject proto) const override {
    *ordinary = true;
    proto.set(js::GetStaticPrototype(proxy));
    return true;
  }
  bool preventExtensions(JSContext*, HandleObject, ObjectOpResult& result) const override { return result.failCantPreventExtensions(); }
  bool isExtensible(JSContext*, HandleObject, bool* extensible) const override { return *extensible = true; }
};
const char ScopeHandler::family = 0;
const ScopeHandler gScope;

class OuterHandler final : public js::BaseProxyHandler {
 public:
  static const char family;
  constexpr OuterHandler() : BaseProxyHandler(&family) {}

  bool getOwnPropertyDescriptor(JSContext* cx, HandleObject proxy, HandleId id, Descriptor found) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox)), hidden(cx, Slot(global, kHidden));
    if (!JS_GetOwnPropertyDescriptorById(cx, sandbox, id, found)) return false;
    if (found.isNothing() && !JS_GetOwnPropertyDescriptorById(cx, hidden, id, found)) return false;
    return found.isSome() || JS_GetOwnPropertyDescriptorById(cx, global, id, found);
  }
  bool defineProperty(JSContext* cx, HandleObject proxy, HandleId id, JS::Handle<PropertyDescriptor> desc, ObjectOpResult& result) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox));
    RootedDescriptor own(cx);
    if (!JS_GetOwnPropertyDescriptorById(cx, global, id, &own)) return false;
    if (own.isSome() && !own->configurable()) return JS_DefinePropertyById(cx, global, id, desc, result);
    return JS_DefinePropertyById(cx, sandbox, id, desc, result) && (own.isNothing() || !result.ok() || Hide(cx, global, id));
  }
  bool has(JSContext* cx, HandleObject proxy, HandleId id, bool* found) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox));
    if (!JS_HasPropertyById(cx, sandbox, id, found)) return false;
    if (!*found && !IsOwn(cx, global, id, found)) return false;
    return *found || HasInRest(cx, global, id, found);
  }
  bool get(JSContext* cx, HandleObject proxy, HandleValue, HandleId id, MutableHandleValue v) const override {
    RootedObject global(cx, GlobalOf(proxy));
    bool found = false;
    if (!GetFromSandbox(cx, global, id, v, &found)) return false;
    if (found) return true;
    if (!IsOwn(cx, global, id, &found)) return false;
    return found ? JS_GetPropertyById(cx, global, id, v) : GetFromRest(cx, global, id, v, &found);
  }
  bool set(JSContext* cx, HandleObject proxy, HandleId id, HandleValue v, HandleValue receiver, ObjectOpResult& result) const override {
    if (!receiver.isObject() || &receiver.toObject() != proxy.get()) {
      RootedDescriptor found(cx);
      if (!getOwnPropertyDescriptor(cx, proxy, id, &found)) return false;
      return js::SetPropertyIgnoringNamedGetter(cx, proxy, id, v, receiver, found, result);
    }
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox));
    RootedDescriptor own(cx);
    if (!JS_GetOwnPropertyDescriptorById(cx, global, id, &own)) return false;
    if (own.isSome() && own->isDataDescriptor() && !own->writable()) return result.failReadOnly();
    bool declared = own.isSome();
    if (!declared && !JS_HasPropertyById(cx, sandbox, id, &declared)) return false;
    // symbols that the sandbox does not know stay in the realm
    if (!declared && id.isSymbol()) return KeepOnGlobal(cx, global, id, v, result);
    if (!SetOnSandbox(cx, global, id, v, result)) return false;
    // a sandbox that takes no new properties: the realm has them
    if (!result.ok() && !declared) return KeepOnGlobal(cx, global, id, v, result);
    return own.isNothing() || !result.ok() || Hide(cx, global, id);
  }
  bool delete_(JSContext* cx, HandleObject proxy, HandleId id, ObjectOpResult& result) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox)), hidden(cx, Slot(global, kHidden));
    if (!JS_DeletePropertyById(cx, sandbox, id, result)) return false;
    if (!result.ok()) return true;
    ObjectOpResult ignored;
    return JS_DeletePropertyById(cx, hidden, id, ignored) && JS_DeletePropertyById(cx, global, id, result);
  }
  bool ownPropertyKeys(JSContext* cx, HandleObject proxy, MutableHandleIdVector keys) const override {
    RootedObject global(cx, GlobalOf(proxy)), sandbox(cx, Slot(global, kSandbox)), hidden(cx, Slot(global, kHidden));
    const unsigned all = JSITER_OWNONLY | JSITER_HIDDEN | JSITER_SYMBOLS;
    JS::RootedIdVector own(cx), concealed(cx), theirs(cx), sorted(cx);
    if (!js::GetPropertyKeys(cx, global, all, &own) || !js::GetPropertyKeys(cx, hidden, all, &concealed) ||
        !js::GetPropertyKeys(cx, sandbox, all, &theirs)) {
      return false;
    }
    if (!js::AppendUnique(cx, &own, concealed) || !js::AppendUnique(cx, &own, theirs)) return false;
    // numbers, then names, then symbols
    for (int kind = 0; kind < 3; kind++) {
      for (JS::PropertyKey id : own) {
        if ((id.isInt() ? 0 : id.isSymbol() ? 2 : 1) == kind && !keys.append(id)) return false;
      }
    }
    return true;
  }
  bool getPrototypeIfOrdinary(JSContext*, HandleObject proxy, bool* ordinary, JS::MutableHandleObject proto) const override {
    *ordinary = true;
    proto.set(js::GetStaticPrototype(proxy));
    return true;
  }
  bool preventExtensions(JSContext*, HandleObject, ObjectOpResult& result) const override { return result.failCantPreventExtensions(); }
  bool isExtensible(JSContext*, HandleObject, bool* extensible) const override { return *extensible = true; }
  bool getBuiltinClass(JSContext*, HandleObject, js::ESClass* cls) const override {
    *cls = js::ESClass::Object;
    return true;
  }
  const char* className(JSContext*, HandleObject) const override { return "Object"; }

 private:
  static bool KeepOnGlobal(JSContext* cx, HandleObject global, HandleId id, HandleValue v, ObjectOpResult& result) {
    gKeep = true;
    bool ok = JS_DefinePropertyById(cx, global, id, v, JSPROP_ENUMERATE);
    gKeep = false;
    return ok && result.succeed();
  }
};
const char OuterHandler::family = 0;
const OuterHandler gOuter;
const JSClass gOuterClass = PROXY_CLASS_DEF("Object", JSCLASS_HAS_RESERVED_SLOTS(1));

// Whether the engine itself is just defining one of its classes, which it may at any time.
bool IsBeingResolved(JSContext* cx, HandleObject global, HandleId id) {
  JSProtoKey key = JS_IdToProtoKey(cx, id);
  return key != JSProto_Null && !global->as<js::GlobalObject>().isStandardClassResolved(key);
}

// A variable was declared or assigned for the first time: it is the sandbox's.
bool OnAdd(JSContext* cx, HandleObject global, HandleId id, HandleValue v) {
  if (gKeep || id.isSymbol() || JS::GetReservedSlot(global, kSandbox).isUndefined() || IsBeingResolved(cx, global, id)) return true;
  RootedObject sandbox(cx, Slot(global, kSandbox));
  bool known = false;
  if (!JS_HasPropertyById(cx, sandbox, id, &known)) return false;
  // `var x` leaves an x alone that is there already
  if (!known || !v.isUndefined()) {
    ObjectOpResult result;
    if (!SetOnSandbox(cx, global, id, v, result)) return false;
    if (!result.ok()) return true;
  }
  return Remove(cx, global, id);
}

// A name of the language that the sandbox has is left to the sandbox.
bool OnResolve(JSContext* cx, HandleObject global, HandleId id, bool* resolved) {
  if (!JS_MayResolveStandardClass(cx->names(), id, global)) return true;
  const Value& slot = JS::GetReservedSlot(global, kSandbox);
  if (slot.isObject() && !js::IsProxy(&slot.toObject())) {
    RootedObject sandbox(cx, &slot.toObject());
    bool found;
    if (!JS_HasPropertyById(cx, sandbox, id, &found)) return false;
    if (found) return true;
  }
  return JS_ResolveStandardClass(cx, global, id, resolved);
}
bool MayResolve(const JSAtomState& names, jsid id, JSObject* o) { return JS_MayResolveStandardClass(names, id, o); }

const JSClassOps gContextOps = {
    OnAdd, nullptr, nullptr, JS_NewEnumerateStandardClasses, OnResolve, MayResolve, nullptr, nullptr, nullptr, JS_GlobalObjectTraceHook,
};
const JSClass gContextClass = {"Object", JSCLASS_GLOBAL_FLAGS, &gContextOps};

// Whether text may not become code in this thread's other realms either.
thread_local bool gForbidStrings = false;

bool ForbidCode(JSContext* cx, JS::RuntimeCode kind, JS::HandleString, JS::CompilationType, JS::Handle<JS::StackGCVector<JSString*>>,
                JS::HandleString, JS::Handle<JS::StackGCVector<Value>>, HandleValue, bool* allowed) {
  JSObject* global = JS::CurrentGlobalOrNull(cx);
  *allowed = true;
  if (!global) return true;
  int32_t flags = gForbidStrings ? kForbidStrings : 0;
  if (JS::GetClass(global) == &gContextClass) flags |= JS::GetReservedSlot(global, kFlags).toInt32();
  *allowed = !(flags & (kind == JS::RuntimeCode::JS ? kForbidStrings : kForbidWasm));
  if (*allowed || kind == JS::RuntimeCode::WASM) return true;
  RootedObject stack(cx);
  RootedValue error(cx);
  JS::RootedString file(cx, JS_GetEmptyString(cx));
  JS::RootedString text(cx, JS_NewStringCopyZ(cx, "Code generation from strings disallowed for this context"));
  JS::Rooted<mozilla::Maybe<Value>> cause(cx, mozilla::Nothing());
  if (!text || !JS::CaptureCurrentStack(cx, &stack, JS::StackCapture(JS::MaxFrames(128)))) return false;
  if (JS::CreateError(cx, JSEXN_EVALERR, stack, file, 0, JS::ColumnNumberOneOrigin(), nullptr, text, cause, &error)) {
    JS_SetPendingException(cx, error);
  }
  return false;
}
const JSSecurityCallbacks gSecurity = {ForbidCode, nullptr, nullptr};

// Own names of the global that stand there now, but NaN and its like.
bool StandingNames(JSContext* cx, HandleObject global, MutableHandleIdVector names) {
  for (js::ShapePropertyIter<js::NoGC> iter(global->as<js::NativeObject>().shape()); !iter.done(); iter++) {
    if (iter->key().isString() && (iter->configurable() || iter->enumerable()) && !names.append(iter->key())) return false;
  }
  return true;
}

// Functions of the language that are no classes: they are resolved at once, so that the engine adds none later.
bool ResolveFunctions(JSContext* cx, HandleObject global) {
  for (const char* name : {"Object", "Function", "parseInt", "escape", "globalThis", "undefined"}) {
    bool found;
    if (!JS_HasProperty(cx, global, name, &found)) return false;
  }
  return true;
}

bool Build(JSContext* cx, HandleObject global) {
  JSAutoRealm realm(cx, global);
  if (!cx->runtime()->maybeWindowProxyClass()) js::SetWindowProxyClass(cx, &gOuterClass);
  RootedObject proto(cx, JS_NewPlainObject(cx)), hidden(cx, JS_NewObjectWithGivenProto(cx, nullptr, nullptr));
  if (!proto || !hidden) return false;
  RootedValue priv(cx, JS::ObjectValue(*global));
  RootedObject outer(cx, js::NewProxyObject(cx, &gOuter, priv, proto, js::ProxyOptions().setClass(&gOuterClass)));
  if (!outer) return false;
  js::SetWindowProxy(cx, global, outer);
  if (!ResolveFunctions(cx, global)) return false;
  RootedObject scope(cx, js::NewProxyObject(cx, &gScope, priv, proto));
  if (!scope || !JS_SetPrototype(cx, global, scope)) return false;
  JS::SetReservedSlot(global, kHidden, JS::ObjectValue(*hidden));
  // until the real one comes
  RootedObject sandbox(cx, JS_NewObjectWithGivenProto(cx, nullptr, nullptr));
  if (!sandbox) return false;
  JS::SetReservedSlot(global, kSandbox, JS::ObjectValue(*sandbox));
  return true;
}

}  // namespace

// Whether the microtasks of a realm wait until they are asked for.
bool sm_context_keeps_jobs(JSObject* global) {
  return JS::GetClass(global) == &gContextClass && JS::GetReservedSlot(global, kFlags).toInt32() & kKeepJobs;
}
// Those that wait, in an array or undefined.
void sm_context_kept_jobs(JSObject* global, const Value* replace, Value* current) {
  if (replace) JS::SetReservedSlot(global, kJobs, *replace);
  *current = JS::GetReservedSlot(global, kJobs);
}

extern "C" {

// `sibling`: any global of the compartment. `out`: the new realm's global object as programs see it. Its sandbox is
// empty until `sm_context_attach`.
bool sm_context_new(JSContext* cx, const Value* sibling, int32_t flags, Value* out) {
  JS::RealmOptions options;
  options.creationOptions().setSharedMemoryAndAtomicsEnabled(true).setExistingCompartment(O(sibling));
  options.behaviors().setClampAndJitterTime(false);
  RootedObject global(cx, JS_NewGlobalObject(cx, &gContextClass, nullptr, JS::FireOnNewGlobalHook, options));
  if (!global) return false;
  JS::SetReservedSlot(global, kFlags, JS::Int32Value(flags));
  if (!Build(cx, global)) return false;
  if (flags & (kForbidStrings | kForbidWasm)) JS_SetSecurityCallbacks(cx, &gSecurity);
  out->setObject(*OuterOf(global));
  return true;
}
// From now on no realm of the thread makes code of text by itself.
void sm_forbid_strings(JSContext* cx) {
  gForbidStrings = true;
  JS_SetSecurityCallbacks(cx, &gSecurity);
}
void sm_context_attach(const Value* outer, const Value* sandbox) {
  JS::SetReservedSlot(GlobalOf(&outer->toObject()), kSandbox, *sandbox);
}
// Gives the realm a name that stands beside those of the language.
bool sm_context_define(JSContext* cx, const Value* outer, const Value* key, const Value* value) {
  RootedObject global(cx, GlobalOf(&outer->toObject()));
  JS::RootedId id(cx);
  if (!JS_ValueToId(cx, H(key), &id)) return false;
  gKeep = true;
  bool ok = JS_DefinePropertyById(cx, global, id, H(value), 0);
  gKeep = false;
  return ok;
}
// The sandbox behind a global object of `sm_context_new`; undefined for every other value.
void sm_context_sandbox(const Value* v, Value* out) {
  out->setUndefined();
  if (!v->isObject() || !js::IsProxy(&v->toObject()) || js::GetProxyHandler(&v->toObject()) != &gOuter) return;
  out->setObject(*Slot(GlobalOf(&v->toObject()), kSandbox));
}
// That of the realm in which code runs now.
void sm_current_sandbox(JSContext* cx, Value* out) {
  JSObject* global = JS::CurrentGlobalOrNull(cx);
  out->setUndefined();
  if (global && JS::GetClass(global) == &gContextClass) out->setObject(*Slot(global, kSandbox));
}
// Before code runs there: names of the language that the sandbox got meanwhile come first.
bool sm_context_prepare(JSContext* cx, const Value* outer) {
  RootedObject global(cx, GlobalOf(&outer->toObject())), sandbox(cx, Slot(global, kSandbox));
  bool proxy = js::IsProxy(sandbox), found = true;
  JS::RootedIdVector names(cx);
  if (proxy && !JS_EnumerateStandardClasses(cx, global)) return false;
  if (!StandingNames(cx, global, &names)) return false;
  for (size_t i = 0; i < names.length(); i++) {
    if (!proxy && !JS_HasPropertyById(cx, sandbox, names[i], &found)) return false;
    if (found && !Hide(cx, global, names[i])) return false;
  }
  return true;
}
// After code ran there: what it made of names of the language belongs to the sandbox.
bool sm_context_settle(JSContext* cx, const Value* outer) {
  RootedObject global(cx, GlobalOf(&outer->toObject()));
  JS::Rooted<js::GlobalObject*> native(cx, &global->as<js::GlobalObject>());
  JS::RootedIdVector names(cx);
  RootedDescriptor own(cx);
  RootedValue value(cx);
  if (!StandingNames(cx, global, &names)) return false;
  for (size_t i = 0; i < names.length(); i++) {
    if (!JS_GetOwnPropertyDescriptorById(cx, global, names[i], &own)) return false;
    if (own.isNothing() || !own->isDataDescriptor()) continue;
    JSProtoKey key = JS_IdToProtoKey(cx, names[i]);
    bool replaced = key != JSProto_Null && native->isStandardClassResolved(key) &&
                    (!own->value().isObject() || &own->value().toObject() != &native->getConstructor(key));
    if (!own->enumerable() && !replaced) continue;
    value = own->value();
    ObjectOpResult result;
    if (!SetOnSandbox(cx, global, names[i], value, result)) return false;
    if (result.ok() && !Remove(cx, global, names[i])) return false;
  }
  return true;
}
}
