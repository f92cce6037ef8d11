//! `#[op]`: makes a plain typed Rust function callable from JavaScript.
//!
//! - `#[op]` is synchronous; `#[op(blocking)]` runs on the blocking pool when JavaScript passes a trailing callback, and
//!   at once when it does not; `#[op(async)]` is an `async fn` on the event loop, with a trailing callback.
//! - The JavaScript name is the Rust name in camelCase.
//! - A first parameter of type `&mut Scope` gives access to the engine; `&[u8]` and `&mut [u8]` borrow the bytes of a
//!   view and need an op without scope.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{FnArg, ItemFn, ReturnType, Type, parse_macro_input};

#[derive(PartialEq, Clone, Copy)]
enum Mode {
    Direct,
    Blocking,
    Async,
}

#[proc_macro_attribute]
pub fn op(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    let mode = match attribute.to_string().as_str() {
        "" => Mode::Direct,
        "blocking" => Mode::Blocking,
        "async" => Mode::Async,
        other => {
            let message = format!("#[op({other})]: expected nothing, `blocking` or `async`");
            return quote!(compile_error!(#message);).into();
        }
    };
    expand(function, mode).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(mut function: ItemFn, mode: Mode) -> syn::Result<Tokens> {
    let name = function.sig.ident.clone();
    let visibility = std::mem::replace(&mut function.vis, syn::Visibility::Inherited);
    let documentation: Vec<_> = function.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
    let js_name = camel_case(&name.to_string());
    let (mut reads, mut passes) = (Vec::new(), Vec::new());
    let (mut with_scope, mut index) = (false, 0u32);
    let mut borrows = Vec::new();
    for parameter in &function.sig.inputs {
        let FnArg::Typed(parameter) = parameter else {
            return Err(syn::Error::new_spanned(parameter, "an op has no self"));
        };
        if is_scope(&parameter.ty) {
            with_scope = true;
            passes.push(quote!(call.scope()));
            continue;
        }
        let variable = format_ident!("argument_{index}");
        match borrowed(&parameter.ty) {
            Some(mutable) => {
                borrows.push((variable.clone(), mutable, index));
            }
            None => {
                let ty = without_lifetimes(&parameter.ty);
                reads.push(quote!(let #variable = call.argument::<#ty>(#index)?;));
            }
        }
        passes.push(quote!(#variable));
        index += 1;
    }
    if with_scope && !borrows.is_empty() {
        return Err(syn::Error::new_spanned(
            &function.sig,
            "an op with a scope cannot borrow bytes: take Vec<u8>",
        ));
    }
    if borrows.iter().any(|borrow| borrow.1) && borrows.len() > 1 {
        return Err(syn::Error::new_spanned(
            &function.sig,
            "an op that borrows bytes to write borrows nothing else",
        ));
    }
    for (variable, mutable, at) in &borrows {
        if *mutable {
            reads.push(quote!(let #variable = call.bytes_mut(#at)?;));
        } else {
            reads.push(quote!(call.unshare(#at)?;));
        }
    }
    for (variable, mutable, at) in &borrows {
        if !*mutable {
            reads.push(quote!(let #variable = call.bytes(#at)?;));
        }
    }
    let fails = returns_result(&function.sig.output);
    let run = quote!(#name(#(#passes),*));
    let finish = match mode {
        Mode::Direct => {
            let run = if fails { quote!(#run?) } else { run };
            // bytes are copied out of results before the call is used again
            quote! { let result = #run; call.set_result(result) }
        }
        Mode::Blocking => {
            let run = if fails { quote!(#run.map_err(::js_engine::OpError::from)) } else { quote!(Ok(#run)) };
            quote! { call.blocking(move || #run) }
        }
        Mode::Async => {
            let run = if fails {
                quote!(#run.await.map_err(::js_engine::OpError::from))
            } else {
                quote!(Ok(#run.await))
            };
            quote! { call.asynchronous(async move { #run }) }
        }
    };
    Ok(quote! {
        #(#documentation)*
        #visibility fn #name() -> ::js_engine::Op {
            #function
            struct Body;
            impl ::js_engine::OpBody for Body {
                const NAME: &'static str = #js_name;
                fn run(call: &mut ::js_engine::Call<'_>) -> ::std::result::Result<(), ::js_engine::OpError> {
                    #(#reads)*
                    #finish
                }
            }
            ::js_engine::Op::of::<Body>(#js_name, #index)
        }
    })
}

fn camel_case(name: &str) -> String {
    let mut result = String::new();
    let mut upper = false;
    for c in name.trim_start_matches("r#").chars() {
        match c {
            '_' => upper = !result.is_empty(),
            c if upper => {
                result.extend(c.to_uppercase());
                upper = false;
            }
            c => result.push(c),
        }
    }
    result
}

fn is_scope(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    matches!(&*reference.elem, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Scope"))
}

/// Whether the type borrows bytes, and whether to write them.
fn borrowed(ty: &Type) -> Option<bool> {
    let Type::Reference(reference) = ty else { return None };
    matches!(&*reference.elem, Type::Slice(_)).then(|| reference.mutability.is_some())
}

/// `Value<'s>` as `Value`, so that the call's own lifetime is inferred.
fn without_lifetimes(ty: &Type) -> Type {
    struct Strip;
    impl Strip {
        fn ty(&self, ty: &mut Type) {
            if let Type::Path(path) = ty {
                for segment in &mut path.path.segments {
                    if let syn::PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                        for argument in &mut arguments.args {
                            match argument {
                                syn::GenericArgument::Lifetime(lifetime) => {
                                    *lifetime = syn::Lifetime::new("'_", lifetime.span());
                                }
                                syn::GenericArgument::Type(inner) => self.ty(inner),
                                _ => {}
                            }
                        }
                    }
                }
            }
        }
    }
    let mut ty = ty.clone();
    Strip.ty(&mut ty);
    ty
}

fn returns_result(output: &ReturnType) -> bool {
    let ReturnType::Type(_, ty) = output else { return false };
    matches!(&**ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Result"))
}
