// Names of functions in stacks, with how they were called, which the engine does not keep: `Class\1method` for a call on an
// object of a class, `\1Class` for `new Class`. The linker sends the engine's question for a frame's name here (`--wrap`, in
// the build script of the executable); linked without that option, stacks have names alone.
#include "frame_names.h"
#include "private_member.h"
#include "shim.h"

#include "jit/JSJitFrameIter.h"
#include "util/StringBuilder.h"
#include "vm/FrameIter.h"
#include "vm/GeneratorObject.h"
#include "vm/GlobalObject.h"
#include "vm/JSContext.h"
#include "vm/JSFunction.h"
#include "vm/NativeObject.h"
#include "vm/ProxyObject.h"
#include "vm/Scope.h"

#include "vm/EnvironmentObject-inl.h"
#include "vm/JSContext-inl.h"
#include "vm/JSObject-inl.h"
#include "vm/JSScript-inl.h"
#include "vm/NativeObject-inl.h"
#include "vm/Stack-inl.h"

using namespace js;

KNIT_PRIVATE_MEMBER(InlineFrames, js::FrameIter, js::jit::InlineFrameIterator, ionInlineFrames_)

namespace {

constexpr char16_t kSeparator = 1;
// Prototypes that are asked for their constructor.
constexpr int kPrototypes = 5;

// What an asynchronous function or a generator was called on. It goes on without that, but has kept it if it uses `this`,
// in its environment or in a slot of its frame.
template <typename ReadSlot>
Value KeptReceiver(JSContext* cx, JSScript* script, JSObject* environment, ReadSlot slot) {
  for (BindingIter binding(script); binding; binding++) {
    if (binding.name() != cx->names().dot_this_) continue;
    BindingLocation location = binding.location();
    if (location.kind() == BindingLocation::Kind::Frame) return slot(location.slot());
    if (location.kind() != BindingLocation::Kind::Environment) break;
    CallObject* call = CallObject::find(environment);
    return call ? call->getSlot(location.slot()) : UndefinedValue();
  }
  return UndefinedValue();
}

// Undefined where compiled code has optimized it away: making it anew would throw that code away.
Value ReceiverOf(JSContext* cx, const FrameIter& frames) {
  if (frames.isIon()) {
    jit::MaybeReadFallback none;
    return (frames.*member_of(InlineFrames())).thisArgument(none);
  }
  JSScript* script = frames.script();
  if (!script->isGenerator() && !script->isAsync()) return frames.thisArgument(cx);
  AbstractFramePtr frame = frames.abstractFramePtr();
  return KeptReceiver(cx, script, frames.environmentChain(cx), [&](uint32_t at) { return frame.unaliasedLocal(at); });
}

// What a class is called in its source; null for one without a name.
JSAtom* NameOfClass(JSFunction& function) {
  JSAtom* name = function.fullExplicitOrInferredName();
  return name && !name->empty() ? name : nullptr;
}

// The name of the class whose object a value is, found without running anything; null for what functions are called on that
// are no one's methods.
JSAtom* ClassOf(JSContext* cx, const Value& receiver) {
  const JSAtomState& names = cx->names();
  if (receiver.isString()) return names.String;
  if (receiver.isNumber()) return names.Number;
  if (receiver.isBoolean()) return names.Boolean;
  if (receiver.isSymbol()) return names.Symbol;
  if (receiver.isBigInt()) return names.BigInt;
  if (!receiver.isObject()) return nullptr;
  JSObject* object = &receiver.toObject();
  if (object->is<GlobalObject>()) return nullptr;
  if (object->is<ProxyObject>()) return names.Proxy;
  if (object->is<JSFunction>()) {
    JSAtom* name = NameOfClass(object->as<JSFunction>());
    return name ? name : names.Function;
  }
  for (int i = 0; i < kPrototypes && object && object->is<NativeObject>(); i++) {
    auto& holder = object->as<NativeObject>();
    auto property = holder.lookupPure(names.constructor);
    if (property && property->isDataProperty()) {
      const Value& constructor = holder.getSlot(property->slot());
      if (constructor.isObject() && constructor.toObject().is<JSFunction>()) {
        if (JSAtom* name = NameOfClass(constructor.toObject().as<JSFunction>())) return name;
      }
    }
    if (object->hasDynamicPrototype()) break;
    object = object->staticPrototype();
  }
  return names.Object;
}

// Names that were joined lately. Atoms do not move, but each collection may end their lives.
struct Joined {
  uint64_t collection;
  JSAtom* type;
  JSAtom* name;
  JSAtom* joined;
};
constexpr size_t kJoined = 64;
thread_local Joined joinedNames[kJoined];

JSAtom* Join(JSContext* cx, JSAtom* type, JSAtom* name) {
  uint64_t collection = cx->runtime()->gc.gcNumber();
  Joined& known = joinedNames[((uintptr_t(type) >> 4) ^ (uintptr_t(name) >> 3)) % kJoined];
  if (known.collection == collection && known.type == type && known.name == name && known.joined) return known.joined;
  JS::Rooted<JSAtom*> left(cx, type), right(cx, name);
  JSStringBuilder text(cx);
  bool appended = (!left || text.append(left)) && text.append(kSeparator) && (!right || text.append(right));
  JSAtom* joined = appended ? text.finishAtom() : nullptr;
  if (joined) known = {cx->runtime()->gc.gcNumber(), left, right, joined};
  return joined;
}

}  // namespace

JSAtom* NameOfWaiting(JSContext* cx, Handle<AbstractGeneratorObject*> call) {
  JSFunction& callee = call->callee();
  JSScript* script = callee.nonLazyScript();
  if (script->isModule()) return nullptr;
  Value receiver = KeptReceiver(cx, script, &call->environmentChain(), [&](uint32_t at) {
    return call->hasStackStorage() && !call->isStackStorageEmpty() ? call->getUnaliasedLocal(at) : UndefinedValue();
  });
  JSAtom* type = ClassOf(cx, receiver);
  if (!type) return callee.fullDisplayAtom();
  JSAtom* joined = Join(cx, type, callee.fullDisplayAtom());
  if (joined) return joined;
  cx->clearPendingException();
  return call->callee().fullDisplayAtom();
}

#define DISPLAY_ATOM "_ZNK2js9FrameIter24maybeFunctionDisplayAtomEv"

JSAtom* RealDisplayAtom(const FrameIter*) __asm__("__real_" DISPLAY_ATOM) __attribute__((weak));
JSAtom* WrapDisplayAtom(const FrameIter*) __asm__("__wrap_" DISPLAY_ATOM);

JSAtom* WrapDisplayAtom(const FrameIter* frames) {
  JSAtom* name = RealDisplayAtom(frames);
  if (frames->isWasm() || !frames->isFunctionFrame() || frames->script()->selfHosted()) return name;
  JSContext* cx = TlsContext.get();
  JSAtom* joined = nullptr;
  if (frames->isConstructing()) {
    joined = Join(cx, nullptr, name);
  } else {
    Value receiver = ReceiverOf(cx, *frames);
    JSAtom* type = ClassOf(cx, receiver);
    if (!type) return name;
    if (frames->calleeTemplate()->isSyntheticFunction()) {
      // what a class does with its fields and in its static blocks, by V8's names
      bool isStatic = receiver.toObject().is<JSFunction>();
      const char* initializer = isStatic ? "<static_initializer>" : "<instance_members_initializer>";
      JS::Rooted<JSAtom*> kept(cx, type);
      name = Atomize(cx, initializer, strlen(initializer));
      type = kept;
    }
    joined = Join(cx, type, name);
  }
  if (joined) return joined;
  // a name without its class is better than an error about it
  cx->clearPendingException();
  return RealDisplayAtom(frames);
}
