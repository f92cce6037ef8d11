# Completion of knit's command line for bash and zsh.
# Install: knit completion >> ~/.bashrc   (or ~/.zshrc)
if [ -n "${ZSH_VERSION:-}" ] && type compdef >/dev/null 2>&1; then
  _knit_complete() {
    local -a found
    found=("${(@f)$(COMP_CWORD=$((CURRENT - 1)) COMP_LINE="$BUFFER" COMP_POINT=$CURSOR \
      knit completion -- "${words[@]}" 2>/dev/null)}")
    compadd -- "${found[@]}"
  }
  compdef _knit_complete knit
elif type complete >/dev/null 2>&1; then
  _knit_complete() {
    local IFS=$'\n'
    COMPREPLY=($(COMP_CWORD="$COMP_CWORD" COMP_LINE="$COMP_LINE" COMP_POINT="$COMP_POINT" \
      knit completion -- "${COMP_WORDS[@]}" 2>/dev/null))
  }
  complete -o default -F _knit_complete knit
fi
