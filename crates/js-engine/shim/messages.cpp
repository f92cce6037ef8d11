// Errors of the engine in V8's words. The engine has no hook where it makes them, so the linker sends the calls that
// report them here (`--wrap`, in the build script of the executable). Linked without that option, errors keep the
// engine's own words and nothing else changes.
#include "shim.h"

#include "js/ErrorReport.h"
#include "js/Exception.h"
#include "js/friend/ErrorMessages.h"
#include "js/Object.h"
#include "js/PropertyAndElement.h"
#include "vm/ErrorReporting.h"
#include "vm/JSContext.h"
#include "vm/Opcodes.h"

#define WRAPPED(name) __asm__("__wrap_" name)
#define ORIGINAL(name) __asm__("__real_" name) __attribute__((weak))

#define REPORT_VA "_ZN2js19ReportErrorNumberVAEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jNS_18ErrorArgumentsTypeEP13__va_list_tag"
#define REPORT_UC "_ZN2js24ReportErrorNumberUCArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKDs"
#define REPORT_UTF8 "_ZN2js26ReportErrorNumberUTF8ArrayEP9JSContextNS_9IsWarningEPFPK19JSErrorFormatStringPvjES6_jPPKc"
#define THROW_COMPILE_ERROR "_ZN2js12CompileError10throwErrorEP9JSContext"

using js::ErrorArgumentsType;
using js::IsWarning;

bool RealReportVA(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, ErrorArgumentsType, va_list) ORIGINAL(REPORT_VA);
bool RealReportUC(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, const char16_t**) ORIGINAL(REPORT_UC);
bool RealReportUTF8(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, const char**) ORIGINAL(REPORT_UTF8);
bool RealThrowCompileError(js::CompileError*, JSContext*) ORIGINAL(THROW_COMPILE_ERROR);

// What Rust is asked: the name and text of the error, what was being done (0 anything, 1 assigning, 2 deleting), and for
// text that does not compile its line and where the token is in it. Writes the new text; 0 to keep the old one.
typedef size_t (*Rewrite)(const char* name, const char* message, uint32_t operation, const char16_t* line,
                          size_t lineLength, size_t offset, char* out, size_t capacity);
static Rewrite gRewrite = nullptr;

extern "C" void sm_on_message(Rewrite rewrite) { gRewrite = rewrite; }

namespace {

uint32_t CurrentOperation(JSContext* cx) {
  jsbytecode* pc = nullptr;
  JSScript* script = cx->currentScript(&pc, JSContext::AllowCrossRealm::Allow);
  if (!script || !pc) return 0;
  switch (JSOp(*pc)) {
    case JSOp::SetProp:
    case JSOp::StrictSetProp:
    case JSOp::SetElem:
    case JSOp::StrictSetElem:
    case JSOp::SetPropSuper:
    case JSOp::StrictSetPropSuper:
      return 1;
    case JSOp::DelProp:
    case JSOp::StrictDelProp:
    case JSOp::DelElem:
    case JSOp::StrictDelElem:
      return 2;
    default:
      return 0;
  }
}

// Gives the error that was just thrown its new text.
void Reword(JSContext* cx) {
  if (!gRewrite || !JS_IsExceptionPending(cx) || cx->isThrowingOverRecursed()) return;
  JS::ExceptionStack thrown(cx);
  if (!JS::StealPendingExceptionStack(cx, &thrown)) return;
  if (thrown.exception().isObject()) {
    JS::RootedObject error(cx, &thrown.exception().toObject());
    JS::BorrowedErrorReport report(cx);
    if (JS_ErrorFromException(cx, error, report) && report->errorMessageName && report->message()) {
      char text[2048];
      size_t length = gRewrite(report->errorMessageName, report->message().c_str(), CurrentOperation(cx),
                               report->linebuf(), report->linebufLength(), report->tokenOffset(), text, sizeof text);
      JS::RootedString string(cx, length ? JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(text, length)) : nullptr);
      if (string) JS_DefineProperty(cx, error, "message", string, 0);
      // what Node's loader refuses is refused by the engine before anybody is asked
      if (strstr(report->errorMessageName, "_UNSUPPORTED_ATTRIBUTE")) {
        JS::RootedString code(cx, JS_NewStringCopyZ(cx, "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED"));
        if (code) JS_DefineProperty(cx, error, "code", code, JSPROP_ENUMERATE);
      }
    }
  }
  JS_ClearPendingException(cx);
  JS::SetPendingExceptionStack(cx, thrown);
}

// Where V8 throws a RangeError this engine has an InternalError: these change their class, so they are worded here.
const JSErrorFormatString* RangeErrors(void*, const unsigned number) {
  static const JSErrorFormatString recursion = {"JSMSG_OVER_RECURSED", "Maximum call stack size exceeded", 0, JSEXN_RANGEERR};
  static const JSErrorFormatString length = {"JSMSG_ALLOC_OVERFLOW", "Invalid string length", 0, JSEXN_RANGEERR};
  return number == JSMSG_OVER_RECURSED ? &recursion : &length;
}

JSErrorCallback CallbackFor(JSErrorCallback callback, unsigned number) {
  bool isRange = number == JSMSG_OVER_RECURSED || number == JSMSG_ALLOC_OVERFLOW;
  return isRange && callback == js::GetErrorMessage ? RangeErrors : callback;
}

}  // namespace

bool WrapReportVA(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, ErrorArgumentsType, va_list) WRAPPED(REPORT_VA);
bool WrapReportVA(JSContext* cx, IsWarning warning, JSErrorCallback callback, void* ref, unsigned number,
                  ErrorArgumentsType type, va_list arguments) {
  JSErrorCallback own = CallbackFor(callback, number);
  bool result = RealReportVA(cx, warning, own, ref, number, type, arguments);
  if (warning == IsWarning::No && own == callback) Reword(cx);
  return result;
}

bool WrapReportUC(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, const char16_t**) WRAPPED(REPORT_UC);
bool WrapReportUC(JSContext* cx, IsWarning warning, JSErrorCallback callback, void* ref, unsigned number,
                  const char16_t** arguments) {
  bool result = RealReportUC(cx, warning, callback, ref, number, arguments);
  if (warning == IsWarning::No) Reword(cx);
  return result;
}

bool WrapReportUTF8(JSContext*, IsWarning, JSErrorCallback, void*, unsigned, const char**) WRAPPED(REPORT_UTF8);
bool WrapReportUTF8(JSContext* cx, IsWarning warning, JSErrorCallback callback, void* ref, unsigned number,
                    const char** arguments) {
  bool result = RealReportUTF8(cx, warning, callback, ref, number, arguments);
  if (warning == IsWarning::No) Reword(cx);
  return result;
}

bool WrapThrowCompileError(js::CompileError*, JSContext*) WRAPPED(THROW_COMPILE_ERROR);
bool WrapThrowCompileError(js::CompileError* error, JSContext* cx) {
  bool result = RealThrowCompileError(error, cx);
  if (!error->isWarning()) Reword(cx);
  return result;
}
