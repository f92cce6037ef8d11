// Strings, objects, functions, array buffers, promises, exceptions.
#include "shim.h"

#include "js/Array.h"
#include "js/ArrayBuffer.h"
#include "js/ArrayBufferMaybeShared.h"
#include "js/BigInt.h"
#include "js/CallAndConstruct.h"
#include "js/CharacterEncoding.h"
#include "js/Conversions.h"
#include "js/ErrorReport.h"
#include "js/Exception.h"
#include "js/Equality.h"
#include "js/Object.h"
#include "js/Promise.h"
#include "js/PropertyAndElement.h"
#include "js/PropertyDescriptor.h"
#include "js/SharedArrayBuffer.h"
#include "js/Stack.h"
#include "js/String.h"
#include "js/Symbol.h"
#include "js/experimental/TypedData.h"
#include "js/friend/ErrorMessages.h"
#include "js/ScalarType.h"

extern "C" {

// ---- strings
bool sm_string_latin1(JSContext* cx, const char* text, size_t length, Value* out) {
  JSString* s = JS_NewStringCopyN(cx, text, length);
  if (!s) return false;
  out->setString(s);
  return true;
}
bool sm_string_utf16(JSContext* cx, const char16_t* text, size_t length, Value* out) {
  JSString* s = JS_NewUCStringCopyN(cx, text, length);
  if (!s) return false;
  out->setString(s);
  return true;
}
bool sm_string_atom(JSContext* cx, const char* text, size_t length, Value* out) {
  JSString* s = JS_AtomizeStringN(cx, text, length);
  if (!s) return false;
  out->setString(s);
  return true;
}
// In UTF-16 code units.
size_t sm_string_length(const Value* v) { return JS::GetStringLength(v->toString()); }
bool sm_string_is_latin1(const Value* v) { return JS::StringHasLatin1Chars(v->toString()); }
// Bytes that sm_string_to_utf8 writes; makes the string linear, so may fail for want of memory.
bool sm_string_utf8_length(JSContext* cx, const Value* v, size_t* length) {
  JSLinearString* linear = JS_EnsureLinearString(cx, v->toString());
  if (!linear) return false;
  *length = JS::GetDeflatedUTF8StringLength(linear);
  return true;
}
size_t sm_string_to_utf8(JSContext* cx, const Value* v, char* buffer, size_t length) {
  JSLinearString* linear = JS_EnsureLinearString(cx, v->toString());
  return JS::DeflateStringToUTF8Buffer(linear, mozilla::Span<char>(buffer, length));
}
// The characters in place, valid until the next allocation: Latin-1 bytes or UTF-16 units.
bool sm_string_chars(JSContext* cx, const Value* v, const void** chars, size_t* length, bool* latin1) {
  JSLinearString* linear = JS_EnsureLinearString(cx, v->toString());
  if (!linear) return false;
  JS::AutoCheckCannotGC nogc;
  *length = JS::GetLinearStringLength(linear);
  *latin1 = JS::LinearStringHasLatin1Chars(linear);
  *chars = *latin1 ? (const void*)JS::GetLatin1LinearStringChars(nogc, linear)
                   : (const void*)JS::GetTwoByteLinearStringChars(nogc, linear);
  return true;
}
bool sm_to_string(JSContext* cx, const Value* v, Value* out) {
  JSString* s = JS::ToString(cx, H(v));
  if (!s) return false;
  out->setString(s);
  return true;
}
bool sm_to_number(JSContext* cx, const Value* v, double* out) { return JS::ToNumber(cx, H(v), out); }
bool sm_to_boolean(const Value* v) { return JS::ToBoolean(H(v)); }
bool sm_bigint_from_i64(JSContext* cx, int64_t n, Value* out) {
  JS::BigInt* b = JS::NumberToBigInt(cx, n);
  if (!b) return false;
  out->setBigInt(b);
  return true;
}
bool sm_bigint_from_u64(JSContext* cx, uint64_t n, Value* out) {
  JS::BigInt* b = JS::NumberToBigInt(cx, n);
  if (!b) return false;
  out->setBigInt(b);
  return true;
}
int64_t sm_bigint_to_i64(const Value* v) { return JS::ToBigInt64(v->toBigInt()); }
uint64_t sm_bigint_to_u64(const Value* v) { return JS::ToBigUint64(v->toBigInt()); }
bool sm_symbol_for(JSContext* cx, const Value* key, Value* out) {
  JS::RootedString s(cx, key->toString());
  JS::Symbol* symbol = JS::GetSymbolFor(cx, s);
  if (!symbol) return false;
  out->setSymbol(symbol);
  return true;
}
bool sm_symbol_new(JSContext* cx, const Value* description, Value* out) {
  JS::RootedString s(cx, description->toString());
  JS::Symbol* symbol = JS::NewSymbol(cx, s);
  if (!symbol) return false;
  out->setSymbol(symbol);
  return true;
}

// ---- objects
bool sm_new_object(JSContext* cx, Value* out) {
  JSObject* o = JS_NewPlainObject(cx);
  if (!o) return false;
  out->setObject(*o);
  return true;
}
// `proto`: an object or null.
bool sm_new_object_with_proto(JSContext* cx, const Value* proto, Value* out) {
  JS::RootedObject p(cx, O(proto));
  JSObject* o = JS_NewObjectWithGivenProto(cx, nullptr, p);
  if (!o) return false;
  out->setObject(*o);
  return true;
}
bool sm_prototype(JSContext* cx, const Value* object, Value* out) {
  JS::RootedObject o(cx, O(object)), p(cx);
  if (!JS_GetPrototype(cx, o, &p)) return false;
  out->setObjectOrNull(p);
  return true;
}
bool sm_set_prototype(JSContext* cx, const Value* object, const Value* proto) {
  JS::RootedObject o(cx, O(object)), p(cx, O(proto));
  return JS_SetPrototype(cx, o, p);
}
bool sm_get(JSContext* cx, const Value* object, const Value* key, Value* out) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  return JS_ValueToId(cx, H(key), &id) && JS_GetPropertyById(cx, o, id, M(out));
}
bool sm_get_index(JSContext* cx, const Value* object, uint32_t index, Value* out) {
  JS::RootedObject o(cx, O(object));
  return JS_GetElement(cx, o, index, M(out));
}
bool sm_set(JSContext* cx, const Value* object, const Value* key, const Value* value) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  return JS_ValueToId(cx, H(key), &id) && JS_SetPropertyById(cx, o, id, H(value));
}
bool sm_set_index(JSContext* cx, const Value* object, uint32_t index, const Value* value) {
  JS::RootedObject o(cx, O(object));
  return JS_SetElement(cx, o, index, H(value));
}
// `attributes`: 1 enumerable, 2 writable, 4 configurable.
static unsigned Attributes(uint32_t a) {
  return (a & 1 ? JSPROP_ENUMERATE : 0) | (a & 2 ? 0 : JSPROP_READONLY) | (a & 4 ? 0 : JSPROP_PERMANENT);
}
bool sm_define(JSContext* cx, const Value* object, const Value* key, const Value* value, uint32_t attributes) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  return JS_ValueToId(cx, H(key), &id) && JS_DefinePropertyById(cx, o, id, H(value), Attributes(attributes));
}
bool sm_has(JSContext* cx, const Value* object, const Value* key, bool* found) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  return JS_ValueToId(cx, H(key), &id) && JS_HasPropertyById(cx, o, id, found);
}
bool sm_has_own(JSContext* cx, const Value* object, const Value* key, bool* found) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  return JS_ValueToId(cx, H(key), &id) && JS_HasOwnPropertyById(cx, o, id, found);
}
// The value of an own data property; undefined where there is none, or an accessor. Of a proxy its trap is called.
bool sm_own_data(JSContext* cx, const Value* object, const Value* key, Value* out) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  JS::Rooted<mozilla::Maybe<JS::PropertyDescriptor>> descriptor(cx);
  if (!JS_ValueToId(cx, H(key), &id) || !JS_GetOwnPropertyDescriptorById(cx, o, id, &descriptor)) return false;
  descriptor.isSome() && descriptor->isDataDescriptor() ? *out = descriptor->value() : *out = JS::UndefinedValue();
  return true;
}
bool sm_delete(JSContext* cx, const Value* object, const Value* key, bool* deleted) {
  JS::RootedObject o(cx, O(object));
  JS::RootedId id(cx);
  JS::ObjectOpResult result;
  if (!JS_ValueToId(cx, H(key), &id) || !JS_DeletePropertyById(cx, o, id, result)) return false;
  *deleted = result.ok();
  return true;
}
// Own keys as an array. `flags` are JSITER_*.
bool sm_own_keys(JSContext* cx, const Value* object, uint32_t flags, Value* out) {
  JS::RootedObject o(cx, O(object));
  JS::RootedIdVector ids(cx);
  if (!js::GetPropertyKeys(cx, o, flags, &ids)) return false;
  JS::RootedValueVector keys(cx);
  for (size_t i = 0; i < ids.length(); i++) {
    JS::RootedId id(cx, ids[i]);
    JS::RootedValue key(cx);
    if (!JS_IdToValue(cx, id, &key)) return false;
    if (id.isInt()) {
      JSString* s = JS::ToString(cx, key);
      if (!s) return false;
      key.setString(s);
    }
    if (!keys.append(key)) return false;
  }
  JSObject* array = JS::NewArrayObject(cx, keys);
  if (!array) return false;
  out->setObject(*array);
  return true;
}
bool sm_new_array(JSContext* cx, const Value* values, size_t length, Value* out) {
  JSObject* a = JS::NewArrayObject(cx, JS::HandleValueArray::fromMarkedLocation(length, values));
  if (!a) return false;
  out->setObject(*a);
  return true;
}
bool sm_is_array(JSContext* cx, const Value* v, bool* is) {
  if (!v->isObject()) return *is = false, true;
  JS::RootedObject o(cx, O(v));
  return JS::IsArrayObject(cx, o, is);
}
bool sm_array_length(JSContext* cx, const Value* v, uint32_t* length) {
  JS::RootedObject o(cx, O(v));
  return JS::GetArrayLength(cx, o, length);
}

// ---- functions
bool sm_call(JSContext* cx, const Value* self, const Value* function, const Value* args, size_t count, Value* out) {
  return JS::Call(cx, H(self), H(function), JS::HandleValueArray::fromMarkedLocation(count, args), M(out));
}
bool sm_construct(JSContext* cx, const Value* function, const Value* args, size_t count, Value* out) {
  JS::RootedObject object(cx);
  if (!JS::Construct(cx, H(function), JS::HandleValueArray::fromMarkedLocation(count, args), &object)) return false;
  out->setObject(*object);
  return true;
}
bool sm_is_callable(const Value* v) { return v->isObject() && JS::IsCallable(&v->toObject()); }
bool sm_is_constructor(const Value* v) { return v->isObject() && JS::IsConstructor(&v->toObject()); }
// A function over a native, with two reserved slots for its owner's data.
bool sm_new_function(JSContext* cx, JSNative native, unsigned count, const char* name, bool constructor, Value* out) {
  JSFunction* f = js::NewFunctionWithReserved(cx, native, count, constructor ? JSFUN_CONSTRUCTOR : 0, name);
  if (!f) return false;
  out->setObject(*JS_GetFunctionObject(f));
  return true;
}

// ---- objects that own something of Rust's
typedef void (*DropWrapped)(void* data);
static DropWrapped gDropWrapped = nullptr;
static void FinalizeWrapped(JS::GCContext*, JSObject* o) {
  const Value& slot = JS::GetReservedSlot(o, 0);
  if (!slot.isUndefined()) gDropWrapped(slot.toPrivate());
}
static const JSClassOps gWrappedOps = {nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, FinalizeWrapped, nullptr, nullptr, nullptr};
static const JSClass gWrappedClass = {"Object", JSCLASS_HAS_RESERVED_SLOTS(1) | JSCLASS_FOREGROUND_FINALIZE, &gWrappedOps};

void sm_set_drop_wrapped(DropWrapped drop) { gDropWrapped = drop; }
bool sm_new_wrapped(JSContext* cx, const Value* proto, void* data, Value* out) {
  JS::RootedObject p(cx, O(proto));
  JSObject* o = p ? JS_NewObjectWithGivenProto(cx, &gWrappedClass, p) : JS_NewObject(cx, &gWrappedClass);
  if (!o) return false;
  JS::SetReservedSlot(o, 0, JS::PrivateValue(data));
  out->setObject(*o);
  return true;
}
void* sm_wrapped(const Value* v) {
  if (!v->isObject() || JS::GetClass(&v->toObject()) != &gWrappedClass) return nullptr;
  const Value& slot = JS::GetReservedSlot(&v->toObject(), 0);
  return slot.isUndefined() ? nullptr : slot.toPrivate();
}

// ---- bytes
// Takes `data` (malloc'd, may be null when length is 0) over.
bool sm_array_buffer_take(JSContext* cx, uint8_t* data, size_t length, Value* out) {
  JSObject* b = length ? JS::NewArrayBufferWithContents(cx, length, data, JS::NewArrayBufferOutOfMemory::CallerMustFreeMemory)
                       : JS::NewArrayBuffer(cx, 0);
  if (!b) return false;
  out->setObject(*b);
  return true;
}
bool sm_uint8_array(JSContext* cx, const Value* buffer, size_t offset, size_t length, Value* out) {
  JS::RootedObject b(cx, O(buffer));
  JSObject* a = JS_NewUint8ArrayWithBuffer(cx, b, offset, int64_t(length));
  if (!a) return false;
  out->setObject(*a);
  return true;
}
bool sm_float64_array(JSContext* cx, const double* values, size_t length, Value* out) {
  JS::RootedObject a(cx, JS_NewFloat64Array(cx, length));
  if (!a) return false;
  {
    JS::AutoCheckCannotGC nogc;
    bool shared;
    double* data = JS_GetFloat64ArrayData(a, &shared, nogc);
    if (length) memcpy(data, values, length * sizeof(double));
  }
  out->setObject(*a);
  return true;
}
// The bytes of an ArrayBuffer, SharedArrayBuffer or view, in place until the next allocation.
bool sm_bytes(const Value* v, uint8_t** data, size_t* length, bool* shared) {
  if (!v->isObject()) return false;
  JSObject* o = &v->toObject();
  JS::AutoCheckCannotGC nogc;
  if (JS_IsArrayBufferViewObject(o)) {
    *length = JS_GetArrayBufferViewByteLength(o);
    *data = (uint8_t*)JS_GetArrayBufferViewData(o, shared, nogc);
    return true;
  }
  if (JS::IsArrayBufferObjectMaybeShared(o)) {
    JS::GetArrayBufferMaybeSharedLengthAndData(o, length, shared, data);
    return true;
  }
  return false;
}
// Scalar::Type of a typed array, Scalar::MaxTypedArrayViewType for a DataView, -1 for anything else.
int sm_view_type(const Value* v) {
  if (!v->isObject() || !JS_IsArrayBufferViewObject(&v->toObject())) return -1;
  return int(JS_GetArrayBufferViewType(&v->toObject()));
}
bool sm_detach(JSContext* cx, const Value* buffer) {
  JS::RootedObject b(cx, O(buffer));
  return JS::DetachArrayBuffer(cx, b);
}
void sm_pin(const Value* buffer) { JS::PinArrayBufferOrViewLength(&buffer->toObject(), true); }
bool sm_is_array_buffer(const Value* v) { return v->isObject() && JS::IsArrayBufferObject(&v->toObject()); }
bool sm_is_shared_array_buffer(const Value* v) { return v->isObject() && JS::IsSharedArrayBufferObject(&v->toObject()); }

// ---- promises
bool sm_new_promise(JSContext* cx, Value* out) {
  JSObject* p = JS::NewPromiseObject(cx, nullptr);
  if (!p) return false;
  out->setObject(*p);
  return true;
}
bool sm_settle(JSContext* cx, const Value* promise, const Value* value, bool reject) {
  JS::RootedObject p(cx, O(promise));
  return reject ? JS::RejectPromise(cx, p, H(value)) : JS::ResolvePromise(cx, p, H(value));
}
bool sm_is_promise(JSContext* cx, const Value* v) {
  if (!v->isObject()) return false;
  JS::RootedObject p(cx, O(v));
  return JS::IsPromiseObject(p);
}
// 0 pending, 1 fulfilled, 2 rejected; the result is undefined while pending.
int sm_promise_state(JSContext* cx, const Value* promise, Value* result) {
  JS::RootedObject p(cx, O(promise));
  JS::PromiseState state = JS::GetPromiseState(p);
  if (state == JS::PromiseState::Pending) result->setUndefined();
  else *result = JS::GetPromiseResult(p);
  return int(state);
}
void sm_promise_handled(JSContext* cx, const Value* promise) {
  JS::RootedObject p(cx, O(promise));
  JS::SetAnyPromiseIsHandled(cx, p);
}
bool sm_promise_is_handled(JSContext* cx, const Value* promise) {
  JS::RootedObject p(cx, O(promise));
  return JS::GetPromiseIsHandled(p);
}

// ---- exceptions
bool sm_exception_pending(JSContext* cx) { return JS_IsExceptionPending(cx); }
// The stack of the place that threw the pending exception; undefined when the engine kept none.
void sm_exception_stack(JSContext* cx, Value* out) {
  out->setUndefined();
  JS::ExceptionStack thrown(cx);
  if (!JS_IsExceptionPending(cx) || !JS::GetPendingExceptionStack(cx, &thrown)) return;
  if (thrown.stack()) out->setObject(*thrown.stack());
}
bool sm_exception_take(JSContext* cx, Value* out) {
  if (!JS_IsExceptionPending(cx)) return false;
  bool ok = JS_GetPendingException(cx, M(out));
  JS_ClearPendingException(cx);
  return ok;
}
void sm_throw(JSContext* cx, const Value* value) { JS_SetPendingException(cx, H(value)); }
// Kinds: 0 Error, 1 TypeError, 2 RangeError, 3 SyntaxError, 4 ReferenceError, 5 EvalError, 6 URIError.
bool sm_new_error(JSContext* cx, uint32_t kind, const Value* message, Value* out) {
  static const JSExnType kinds[] = {JSEXN_ERR, JSEXN_TYPEERR, JSEXN_RANGEERR, JSEXN_SYNTAXERR, JSEXN_REFERENCEERR, JSEXN_EVALERR, JSEXN_URIERR};
  JS::RootedObject stack(cx);
  if (!JS::CaptureCurrentStack(cx, &stack, JS::StackCapture(JS::MaxFrames(128)))) return false;
  JS::RootedString text(cx, message->toString()), file(cx, JS_GetEmptyString(cx));
  JS::Rooted<mozilla::Maybe<Value>> cause(cx, mozilla::Nothing());
  return JS::CreateError(cx, kinds[kind], stack, file, 0, JS::ColumnNumberOneOrigin(), nullptr, text, cause, M(out));
}
}
