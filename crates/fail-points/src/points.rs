//! The list of all places.

use crate::Program;

macro_rules! points {
    ($($(#[$doc:meta])* $program:ident $point:ident = $name:literal,)*) => {
        /// A place where a program can be made to die.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Point {
            $($(#[$doc])* $point,)*
        }

        impl Point {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// What it is called in the environment.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$point => $name,)*
                }
            }

            /// Who passes it.
            pub const fn program(self) -> Program {
                match self {
                    $(Self::$point => Program::$program,)*
                }
            }

            /// The place of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|point| point.name() == name)
            }
        }
    };
}

points! {
    /// The schema is up to date, nothing else has begun.
    Gateway SchemaReady = "start.schema_ready",
    /// Runs that a crash has interrupted are known.
    Gateway RecoveryFound = "start.recovery_found",
    /// One of them is ended.
    Gateway RecoveryEnded = "start.recovery_ended",
    /// A transaction is permanent, no reader knows.
    Gateway WriteCommitted = "write.committed",
    /// A batch of events is on its way to a reader.
    Gateway StreamSent = "stream.sent",
    /// A message is about to be accepted.
    Gateway MessageBeforeCommit = "message.before_commit",
    /// A message is accepted; its sender does not know.
    Gateway MessageAfterCommit = "message.after_commit",
    /// A run is about to go on.
    Gateway ContinueBeforeCommit = "continue.before_commit",
    /// A run is recorded to go on, and nobody drives it.
    Gateway ContinueAfterCommit = "continue.after_commit",
    /// A stop is about to be recorded.
    Gateway StopBeforeCommit = "stop.before_commit",
    /// A stop is recorded, and the run does not know.
    Gateway StopAfterCommit = "stop.after_commit",
    /// An answer is about to be recorded.
    Gateway AnswerBeforeCommit = "answer.before_commit",
    /// An answer is recorded, and nobody drives the run.
    Gateway AnswerAfterCommit = "answer.after_commit",
    /// A decision about a call that waits is about to be recorded.
    Gateway DecisionBeforeCommit = "decision.before_commit",
    /// It is recorded, and nobody drives the run.
    Gateway DecisionAfterCommit = "decision.after_commit",
    /// A pause is about to be recorded.
    Gateway PauseBeforeCommit = "pause.before_commit",
    /// A pause is recorded, and the run does not know.
    Gateway PauseAfterCommit = "pause.after_commit",
    /// A call is about to be recorded as stopped by itself.
    Gateway CallStopBeforeCommit = "call_stop.before_commit",
    /// It is recorded, and the call goes on.
    Gateway CallStopAfterCommit = "call_stop.after_commit",
    /// A waiting message is about to be sent.
    Gateway QueuedSendBeforeCommit = "queued_send.before_commit",
    /// A waiting message is sent, and nobody acts on it.
    Gateway QueuedSendAfterCommit = "queued_send.after_commit",
    /// What a waiting message says is about to be changed.
    Gateway QueuedEditBeforeCommit = "queued_edit.before_commit",
    /// It says something else, and the engine does not know.
    Gateway QueuedEditAfterCommit = "queued_edit.after_commit",
    /// A waiting message is about to be removed.
    Gateway QueuedRemoveBeforeCommit = "queued_remove.before_commit",
    /// A waiting message is removed, and the engine does not know.
    Gateway QueuedRemoveAfterCommit = "queued_remove.after_commit",
    /// A message is about to be said in other words.
    Gateway BranchBeforeCommit = "branch.before_commit",
    /// It is said in other words in a conversation of its own, and nobody drives that.
    Gateway BranchAfterCommit = "branch.after_commit",
    /// A conversation from a file is about to be there.
    Gateway ImportBeforeCommit = "import.before_commit",
    /// It is there, and nobody was told.
    Gateway ImportAfterCommit = "import.after_commit",
    /// A conversation is about to be deleted.
    Gateway DeleteBeforeCommit = "delete.before_commit",
    /// A conversation is deleted, its run goes on.
    Gateway DeleteAfterCommit = "delete.after_commit",
    /// A deleted conversation is about to be brought back.
    Gateway UndoBeforeCommit = "undelete.before_commit",
    /// It is back, and nobody was told.
    Gateway UndoAfterCommit = "undelete.after_commit",
    /// A deleted conversation is about to be removed for good.
    Gateway RemoveBeforeCommit = "remove.before_commit",
    /// It is removed, its shell goes on.
    Gateway RemoveAfterCommit = "remove.after_commit",
    /// A run has a task.
    Gateway RunLaunched = "run.launched",
    /// All that an engine needs is together.
    Gateway RequestBuilt = "run.request_built",
    /// An engine has accepted a run.
    Gateway EngineStarted = "run.engine_started",
    /// What an engine told is about to be recorded.
    Gateway RecordBeforeCommit = "record.before_commit",
    /// It is recorded, and calls wait for that.
    Gateway RecordAfterCommit = "record.after_commit",
    /// Calls may be executed.
    Gateway CallsAllowed = "record.calls_allowed",
    /// The model has heard a waiting message, which is about to leave the queue.
    Gateway SteerHeard = "steer.heard",
    /// It is known how a run ended, and nothing of that is recorded.
    Gateway EndBegins = "end.begins",
    /// The end of a run is about to be recorded.
    Gateway EndBeforeCommit = "end.before_commit",
    /// The end of a run is recorded, and what follows has no task.
    Gateway EndAfterCommit = "end.after_commit",
    /// A conversation is about to go on in a new one.
    Gateway HandoverBeforeCommit = "handover.before_commit",
    /// It goes on in the new one, and nobody drives that.
    Gateway HandoverAfterCommit = "handover.after_commit",
    /// A call's answer is recorded, its intent is not.
    Gateway CallFenced = "call.fenced",
    /// The state before a call is recorded, its intent is not.
    Gateway CallStateRecorded = "call.state_recorded",
    /// A call's intent is recorded, the tool host has not heard of it.
    Gateway CallIntended = "call.intended",
    /// A call's result has come, and nobody knows.
    Gateway CallResultReceived = "call.result_received",
    /// An object of a state is written under another name.
    Gateway ObjectUnfinished = "state.object_unfinished",
    /// A state is kept, and no row names it.
    Gateway StateTaken = "state.taken",
    /// A state is about to be recorded.
    Gateway StateBeforeCommit = "state.before_commit",
    /// A state is recorded.
    Gateway StateAfterCommit = "state.after_commit",
    /// A restoration is noted, nothing is done.
    Gateway RestoreNoted = "restore.noted",
    /// All of a restoration is done, and that is not noted.
    Gateway RestoreApplied = "restore.applied",
    /// The end of a restoration is about to be noted.
    Gateway RestoreBeforeCommit = "restore.before_commit",
    /// The end of a restoration is noted, and nobody was told.
    Gateway RestoreAfterCommit = "restore.after_commit",
    /// Settings are about to be saved.
    Gateway SettingsBeforeCommit = "settings.before_commit",
    /// Settings are saved, and nobody was told.
    Gateway SettingsAfterCommit = "settings.after_commit",
    /// A provider is about to be saved.
    Gateway ProviderBeforeCommit = "provider.before_commit",
    /// A provider is saved, and nobody was told.
    Gateway ProviderAfterCommit = "provider.after_commit",
    /// An uploaded file is in its place, and nobody was told.
    Gateway UploadPassedOn = "upload.passed_on",

    /// A request's key is claimed, and nothing is done.
    Gateway KeyClaimed = "key.claimed",
    /// A request with a key is carried out, and its answer is only here.
    Gateway KeyCarriedOut = "key.carried_out",
    /// The answer is kept, and its client has not got it.
    Gateway KeyAnswerKept = "key.answer_kept",
    /// Everything is copied for a backup, and nothing of it sent.
    Gateway BackupCopied = "backup.copied",
    /// A backup to go back to is checked.
    Gateway BackupChecked = "backup.checked",
    /// A backup waits for the next start, and its sender does not know.
    Gateway BackupPutAside = "backup.put_aside",
    /// A backup is found at the start.
    Gateway GoingBackBegins = "going_back.begins",
    /// Its recorded states are among the present ones.
    Gateway GoingBackStatesMoved = "going_back.states_moved",
    /// The present database is away, its log is not.
    Gateway GoingBackOldAway = "going_back.old_away",
    /// The key is exchanged, and there is no database.
    Gateway GoingBackKeyPlaced = "going_back.key_placed",
    /// The backup's database is in place.
    Gateway GoingBackNewPlaced = "going_back.new_placed",

    /// A run was accepted.
    Engine RunAccepted = "engine.run_accepted",
    /// The model is about to be asked.
    Engine ModelAsked = "engine.model_asked",
    /// The model's answer is whole, and only here.
    Engine AnswerComplete = "engine.answer_complete",
    /// A call is about to be made.
    Engine CallBegins = "engine.call_begins",
    /// A call's result is only here.
    Engine CallReturned = "engine.call_returned",
    /// A summary of the older part is made, and only here.
    Engine SummaryMade = "engine.summary_made",
    /// The model is done, and nobody was told.
    Engine Finishing = "engine.finishing",

    /// A call has come, nothing is done.
    ToolHost CallReceived = "host.call_received",
    /// A call is carried out, and nobody was told.
    ToolHost CallDone = "host.call_done",
    /// The shell has got a command.
    ToolHost CommandHandedOver = "host.command_handed_over",
    /// A file is written beside its place.
    ToolHost FileStaged = "host.file_staged",
    /// A file is in its place.
    ToolHost FileReplaced = "host.file_replaced",
    /// A path is about to be restored.
    ToolHost OperationBegins = "host.operation_begins",
    /// A restored file is written beside its place.
    ToolHost OperationStaged = "host.operation_staged",
    /// A path is restored.
    ToolHost OperationDone = "host.operation_done",
    /// An uploaded file is whole, beside its place.
    ToolHost UploadStaged = "host.upload_staged",
    /// An uploaded file is in its place.
    ToolHost UploadPlaced = "host.upload_placed",
}
