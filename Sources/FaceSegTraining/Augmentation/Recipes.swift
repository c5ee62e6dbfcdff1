// Recipes: the lists of steps that the trainer knows by name.

/// Where the steps get other pictures from; without a source its steps are left out. Called from several
/// threads at a time.
package struct AugmentationSources: Sendable {
    /// Pictures without people, all label 0.
    package var scenes: SampleDraw?
    /// Pictures of heads, for mosaics, and, where every pixel's class is known, to be cut out.
    package var heads: SampleDraw?
    /// People cut out.
    package var people: PeopleInScene.Draw?

    package init() {}
}

extension Recipe {
    /// The FaceFCN post's, in its order: 600 x 600, mirrored or not, padded or not, larger, a random part.
    ///
    /// - Parameters:
    ///   - size: Of the part; 512 in the post. The other sizes grow and shrink with it.
    ///   - padding: What the post's 0 to 250 is.
    package static func faceFCN(size: Int = 512, padding: Padded.Meaning = .eachSide) -> Recipe {
        let whole = (size * 600 + 256) / 512, border = (size * 250 + 256) / 512
        return Recipe([
            Resized(width: whole, height: whole),
            Sometimes(0.5, Mirrored()),
            Sometimes(0.5, Padded(0...border, padding)),
            Rescaled(1...1.4),
            Cropped(width: size, height: size),
        ])
    }

    /// What ``light(size:strength:sources:)`` takes.
    package static let strengths: ClosedRange<Float> = 0...2

    /// For light networks: every size, attitude and light, several heads, things before and scenes behind.
    ///
    /// - Parameters:
    ///   - size: Of the square picture.
    ///   - strength: One of ``strengths``: 1 as tuned, 0 leaves colors and light alone and turns nothing.
    package static func light(
        size: Int = 256, strength: Float = 1, sources: AugmentationSources = AugmentationSources()
    ) -> Recipe {
        precondition(strengths.contains(strength))
        return Recipe(
            arrangement(size: size, strength: strength, sources)
                + [Sometimes(0.5, Mirrored())] + lighting(strength) + camera(strength))
    }

    /// Who is where.
    private static func arrangement(
        size: Int, strength: Float, _ sources: AugmentationSources
    ) -> [any AugmentationStep] {
        // The library's own canvas for photos that are not square, letterboxes, plain walls, scenes.
        let colors: [(weight: Float, canvas: Canvas)] = [
            (0.25, .color(.canvas)), (0.1, .color(.black)), (0.1, .meanColor), (0.1, .randomColor),
        ]
        let canvas = Canvas.chosen(colors + (sources.scenes.map { [(0.45, .picture($0))] } ?? []))
        var usual = Placed(width: size, height: size)
        usual.rotation = 20 * strength
        usual.aspect = 1 + 0.2 * strength
        usual.canvas = canvas
        usual.scale = 0.6...1.6
        var plain = usual  // as most photos come
        plain.rotation = 6 * strength
        plain.aspect = 1 + 0.05 * strength
        plain.scale = 0.85...1.2
        var small = usual
        small.scale = 0.08...0.6  // heads down to 12 of 256 pixels, as they fill some 0.6 of a picture
        var turned = usual
        turned.rotation = 90 * strength
        var choices: [(weight: Float, step: any AugmentationStep)] = [
            (0.3, plain), (0.3, usual), (0.17, small), (0.05, turned),
        ]
        var before: [any AugmentationStep] = [], after: [any AugmentationStep] = []
        if let scenes = sources.scenes { before.append(Sometimes(0.25, ExchangedBackground(scenes))) }
        if let heads = sources.heads {
            choices.append((0.12, Mosaic(width: size, height: size, others: heads)))
            after.append(Sometimes(0.15, PastedHeads(heads)))
        }
        if let people = sources.people, let scenes = sources.scenes {
            choices.append((0.06, PeopleInScene(width: size, height: size, people: people, scenes: scenes)))
        }
        after.append(Sometimes(0.25 * strength, Occluders(scenes: sources.scenes)))
        return before + [Chosen(choices)] + after
    }

    private static func lighting(_ strength: Float) -> [any AugmentationStep] {
        var jitter = ColorJitter(), balance = WhiteBalance(), gamma = Gamma()
        jitter.brightness *= strength
        jitter.contrast *= strength
        jitter.saturation *= strength
        jitter.hue *= strength
        balance.strength = 1 + (balance.strength - 1) * strength
        gamma.exponent = 1 / (1 + 0.7 * strength)...1 + 0.7 * strength
        return [
            Sometimes(0.8, jitter), Sometimes(0.4, balance), Sometimes(0.3, gamma),
            Sometimes(0.15 * strength, Glare()), Sometimes(0.15 * strength, Darkened()),
        ]
    }

    private static func camera(_ strength: Float) -> [any AugmentationStep] {
        [
            Sometimes(0.2 * strength, Blurred()), Sometimes(0.25 * strength, Noisy()),
            Sometimes(0.3 * strength, Compressed()),
        ]
    }
}
