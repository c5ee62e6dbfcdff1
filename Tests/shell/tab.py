"""What a command line becomes when somebody types it and presses Tab: SHELL SHARE TYPED.

An interactive shell runs on a terminal of its own, finds the completion where `make install` put it, and is told to
print its edited line by a key that is bound here. `\\t` in TYPED stands for Tab.
"""

import os
import pty
import re
import select
import sys
import time

shell, share, typed = sys.argv[1:]
MARK = "<line>"

BASH = f"""
source /usr/share/bash-completion/bash_completion
PS1='ready> '
show() {{ printf '{MARK}%s{MARK}' "$READLINE_LINE"; }}
bind -x '"\\C-t": show'
bind 'set enable-bracketed-paste off'
"""
ZSH = f"""
fpath=({share}/zsh/site-functions $fpath)
autoload -Uz compinit && compinit -u -D
PS1='ready> '
show() {{ print -rn -- "{MARK}$BUFFER{MARK}"; }}
zle -N show
bindkey '^T' show
"""


def read_until(terminal, pattern, seconds=20):
    text, end = "", time.monotonic() + seconds
    while not re.search(pattern, text, re.DOTALL):
        if not select.select([terminal], [], [], max(end - time.monotonic(), 0))[0]:
            sys.exit(f"no answer from {shell}: {text!r}")
        text += os.read(terminal, 4096).decode(errors="replace")
    return re.search(pattern, text, re.DOTALL)


child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", XDG_DATA_DIRS=share, HOME=os.getcwd(), LC_ALL="C.UTF-8")
    arguments = ["--norc", "--noprofile", "-i"] if shell == "bash" else ["-f", "-i"]
    os.execvp(shell, [shell, *arguments])
setup = os.path.join(os.path.dirname(os.getcwd()), f"setup.{shell}")
with open(setup, "w") as file:
    file.write(BASH if shell == "bash" else ZSH)
os.write(terminal, f"source {setup}\n".encode())
read_until(terminal, r"ready> ")
os.write(terminal, typed.replace("\\t", "\t").encode() + b"\x14")
print(read_until(terminal, f"{MARK}(.*){MARK}").group(1))
os.close(terminal)
