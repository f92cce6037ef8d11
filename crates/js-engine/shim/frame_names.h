// What frame_names.cpp has for other parts of the shim.
#ifndef knit_frame_names_h
#define knit_frame_names_h

#include "js/RootingAPI.h"

class JSAtom;
namespace js {
class AbstractGeneratorObject;
}

// The name of a call that waits, with the class it was called on; null for a module.
JSAtom* NameOfWaiting(JSContext* cx, JS::Handle<js::AbstractGeneratorObject*> call);

#endif
