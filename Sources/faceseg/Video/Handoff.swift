// Handoff: a short queue from one thread to another. It knows nothing of what goes through.
import FaceSegTraining

/// Items in their order. Whoever puts waits while it is full, whoever takes while it is empty.
final class Handoff<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var isFinished = false, isCancelled = false
    }

    private let state = Monitor(State())
    private let room: Int

    /// - room: items that wait at most.
    init(room: Int) { self.room = room }

    /// False: nobody wants more.
    func put(_ item: Item) -> Bool {
        state.wait { state in
            if state.isCancelled { return false }
            guard state.items.count < room else { return nil }
            state.items.append(item)
            return true
        }
    }

    /// For what must be on time: takes the place of an item that still waits, and says so.
    func replace(_ item: Item) -> Bool {
        state.withLock { state in
            let isLate = !state.items.isEmpty
            state.items = state.isCancelled ? [] : [item]
            return isLate
        }
    }

    /// Nothing more will be put.
    func finish() { state.withLock { $0.isFinished = true } }

    /// Nothing more will be taken.
    func cancel() {
        state.withLock { state in
            state.items = []
            (state.isCancelled, state.isFinished) = (true, true)
        }
    }

    /// nil: there will be no more.
    func take() -> Item? {
        state.wait { state in
            if !state.items.isEmpty { return .some(state.items.removeFirst()) }
            return state.isFinished ? .some(nil) : nil
        }
    }

    /// What waits now; nil: nothing.
    func takeNow() -> Item? {
        state.withLock { $0.items.isEmpty ? nil : $0.items.removeFirst() }
    }

    var isWaiting: Bool { state.withLock { !$0.items.isEmpty } }

    var isOver: Bool { state.withLock { $0.isFinished && $0.items.isEmpty } }
}
