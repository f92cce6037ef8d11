// Reaches private members of the engine's classes: the one kind of template argument for which access is not checked.
#ifndef knit_private_member_h
#define knit_private_member_h

template <typename Tag, typename Tag::Member member>
struct PrivateMember {
  friend typename Tag::Member member_of(Tag) { return member; }
};

// At global scope; `object.*member_of(TAG())` is `object.NAME` from there on.
#define KNIT_PRIVATE_MEMBER(TAG, CLASS, TYPE, NAME) \
  struct TAG {                                      \
    using Member = TYPE CLASS::*;                   \
    friend Member member_of(TAG);                   \
  };                                                \
  template struct PrivateMember<TAG, &CLASS::NAME>;

#endif
