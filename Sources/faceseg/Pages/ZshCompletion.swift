// ZshCompletion: a function that completes faceseg's command line in zsh, from the same tables as --help.

func zshCompletion(_ commands: [Command]) -> String {
    """
    #compdef faceseg
    # Completion of faceseg for zsh, made by `faceseg help --zsh`.

    _faceseg() {
        local context state state_descr line curcontext=$curcontext
        local -A opt_args
        local -a commands=(
    \(commands.map { "        '\($0.name):\(quoted($0.summary))'" }.joined(separator: "\n"))
        )
        _arguments -C '(- *)'{-h,--help}'[help]' '(- *)--version[the version]' \\
            '1: :->command' '*:: :->rest'
        case $state in
        command)
            commands+=('help:help of a command')
            _describe command commands
            ;;
        rest)
            curcontext=${curcontext%:*:*}:faceseg-$words[1]:
            case $words[1] in
    \(commands.map(arguments).joined(separator: "\n"))
            help) _describe command commands ;;
            esac
            ;;
        esac
    }

    _faceseg "$@"
    """
}

private func arguments(_ command: Command) -> String {
    let specs = command.options.map(spec) + ["'*: :\(action(command.words))'"]
    return "        \(command.name)) _arguments \\\n            "
        + specs.joined(separator: " \\\n            ") + " ;;"
}

/// `'(--output -o)'{--output=,-o}'[help]:OUT:_files'`
private func spec(_ option: Option) -> String {
    let names = option.names.map { option.value != nil && $0.hasPrefix("--") ? $0 + "=" : $0 }
    let help = quoted(option.help.split(separator: "\n").joined(separator: " "), also: "[]")
    let value = option.value.map { ":\(quoted($0)):\(action(option.takes))" } ?? ""
    let several = option.names.count > 1
    let before = option.repeats ? "'*'" : several ? "'(\(option.names.joined(separator: " ")))'" : ""
    return before + (several ? "{\(names.joined(separator: ","))}" : names[0]) + "'[\(help)]\(value)'"
}

private func action(_ value: Value) -> String {
    switch value {
    case .anything: " "
    case .file(let endings) where endings.isEmpty: "_files"
    // One word in parentheses would be a qualifier.
    case .file(let endings) where endings.count == 1: "_files -g \"*.(#i)\(endings[0])\""
    case .file(let endings): "_files -g \"*.(#i)(\(endings.joined(separator: "|")))\""
    case .choice(let words): "(\(words.joined(separator: " ")))"
    case .choices(let words): "_sequence compadd - \(words.joined(separator: " "))"
    }
}

/// Inside single quotes, in a place that ends at a colon or at one of `also`.
private func quoted(_ text: String, also: String = "") -> String {
    text.map { character in
        if character == "'" { return "'\\''" }
        return (":\\" + also).contains(character) ? "\\\(character)" : String(character)
    }.joined()
}
