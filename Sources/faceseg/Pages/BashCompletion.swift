// BashCompletion: a script that completes faceseg's command line in bash 4 and later, from the same tables as --help.
// It needs nothing of the bash-completion package.

func bashCompletion(_ commands: [Command]) -> String {
    let names = commands.map(\.name)
    return """
        # Completion of faceseg for bash, made by `faceseg help --bash`.

        # Files with one of these endings (none: any file), and folders.
        _faceseg_files() {
            local ending
            compopt -o filenames -o default 2>/dev/null
            mapfile -t COMPREPLY < <(
                compgen -d -- "$current"
                [[ $# -gt 0 ]] || compgen -f -- "$current"
                for ending; do compgen -f -X "!*.$ending" -- "$current"; done
            )
        }

        _faceseg_words() {
            mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current")
        }

        # Several of the words with commas.
        _faceseg_list() {
            local before=
            [[ $current != *,* ]] || before=${current%,*},
            compopt -o nospace 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "${current##*,}")
        }

        _faceseg() {
            local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
            local command=${COMP_WORDS[1]}
            COMPREPLY=()
            if [[ $COMP_CWORD -eq 1 ]]; then
                _faceseg_words \((names + ["help", "--help", "--version"]).joined(separator: " "))
                return
            fi
            # --option=value comes as three words.
            [[ $before != = ]] || before=${COMP_WORDS[COMP_CWORD - 2]}
            [[ $current != = ]] || current=
            case "$command $before" in
        \(commands.flatMap(values).joined(separator: "\n"))
            esac
            case "$command" in
        \(commands.map(words).joined(separator: "\n"))
            help) _faceseg_words \(names.joined(separator: " ")) ;;
            esac
        }

        complete -F _faceseg faceseg
        """
}

/// A case for the options whose values are of one kind.
private func values(_ command: Command) -> [String] {
    let options = command.options.filter { $0.value != nil }
    let calls = Set(options.map { call($0.takes) }).sorted()
    return calls.map { call in
        let names = options.filter { faceseg.call($0.takes) == call }.flatMap(\.names)
        return "    \(names.map { "\"\(command.name) \($0)\"" }.joined(separator: " | "))) \(call); return ;;"
    }
}

private func words(_ command: Command) -> String {
    let options = command.options.flatMap(\.names).joined(separator: " ")
    return """
            \(command.name))
                if [[ $current == -* ]]; then _faceseg_words \(options)
                else \(call(command.words)); fi ;;
        """
}

private func call(_ value: Value) -> String {
    switch value {
    case .anything: ":"
    case .file(let endings): (["_faceseg_files"] + endings.map(anyCase)).joined(separator: " ")
    case .choice(let words): (["_faceseg_words"] + words).joined(separator: " ")
    case .choices(let words): (["_faceseg_list"] + words).joined(separator: " ")
    }
}

/// `'[jJ][pP][gG]'`
private func anyCase(_ ending: String) -> String {
    "'" + ending.map { $0.isLetter ? "[\($0)\($0.uppercased())]" : String($0) }.joined() + "'"
}
