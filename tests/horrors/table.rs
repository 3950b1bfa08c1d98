//! Horror, scenario, verdict, and what the report must say.

/// One bad library and what is right to say of it.
pub struct Horror {
    /// The name of its file.
    pub name: &'static str,
    /// The scenario in which it shows.
    pub scenario: &'static str,
    /// The one right verdict.
    pub verdict: &'static str,
    /// What the report of the case must hold.
    pub words: &'static [&'static str],
    /// Further options of the command.
    pub options: &'static [&'static str],
}

const fn horror(
    name: &'static str,
    scenario: &'static str,
    verdict: &'static str,
    words: &'static [&'static str],
) -> Horror {
    Horror {
        name,
        scenario,
        verdict,
        words,
        options: &[],
    }
}

const fn with(options: &'static [&'static str], horror: Horror) -> Horror {
    Horror { options, ..horror }
}

const BEGIN: &str = "house/transaction.yaml:4 in JetBeginTransaction";

/// The house.
pub const TABLE: &[Horror] = &[
    // Deaths.
    horror(
        "segmentation-fault",
        "transaction",
        "crash",
        &[BEGIN, "signal SIGSEGV (segmentation fault)"],
    ),
    horror(
        "crash-after-the-callback",
        "callback",
        "crash",
        &["house/callback.yaml:9 in JetUpdate", "SIGSEGV"],
    ),
    horror(
        "abort",
        "transaction",
        "crash",
        &[BEGIN, "signal SIGABRT (abort)"],
    ),
    horror(
        "last-words",
        "transaction",
        "crash",
        &[BEGIN, "the page cache is inconsistent"],
    ),
    horror("exit", "transaction", "crash", &[BEGIN, "exit code 0"]),
    horror(
        "stack-overflow",
        "transaction",
        "crash",
        &[BEGIN, "SIGABRT", "has overflowed its stack"],
    ),
    horror(
        "memory-without-end",
        "transaction",
        "crash",
        &[BEGIN, "SIGSEGV", "at its memory limit of 256 MiB"],
    ),
    horror(
        "shared-memory-without-end",
        "transaction",
        "crash",
        &[BEGIN, "killed, at its memory limit of 256 MiB"],
    ),
    // Whoever may raise a limit is killed, everybody else is refused.
    horror(
        "memory-without-its-limit",
        "transaction",
        "crash",
        &[BEGIN, "at its memory limit of 256 MiB"],
    ),
    horror(
        "close-everything",
        "transaction",
        "crash",
        &[
            "house/transaction.yaml:6 in what follows JetCommitTransaction",
            "the streams to its parent were closed",
        ],
    ),
    horror(
        "callbacks-without-end",
        "callback",
        "timeout",
        &["JetUpdate did not end within 2000 ms at house/callback.yaml:9"],
    ),
    horror(
        "leave-the-callback-by-a-jump",
        "inside",
        "crash",
        &[
            "house/inside.yaml:11 in JetUpdate",
            "left a callback by a jump",
        ],
    ),
    horror(
        "end-the-thread-inside-the-callback",
        "inside",
        "crash",
        &["house/inside.yaml:6 in JetUpdate, inside it callback asks, inside it JetGetLock"],
    ),
    // What does not come back.
    horror(
        "hang-inside-the-callback",
        "inside",
        "timeout",
        &[
            "JetUpdate, inside it callback asks, inside it JetGetLock did not end within 2000 ms at \
             house/inside.yaml:6",
        ],
    ),
    horror(
        "endless-loop",
        "transaction",
        "timeout",
        &["JetBeginTransaction did not end within 2000 ms at house/transaction.yaml:4"],
    ),
    horror(
        "deadlock",
        "thread",
        "timeout",
        &["JetBeginTransaction on thread second did not end within 2000 ms at house/thread.yaml:5"],
    ),
    horror(
        "callbacks-without-end-beside",
        "callback-thread",
        "timeout",
        &["JetUpdate on thread second did not end within 2000 ms"],
    ),
    horror(
        "stops-itself",
        "transaction",
        "timeout",
        &["JetBeginTransaction did not end within 2000 ms at house/transaction.yaml:4"],
    ),
    horror(
        "tracer",
        "transaction",
        "timeout",
        &["JetBeginTransaction did not end within 2000 ms at house/transaction.yaml:4"],
    ),
    horror(
        "standard-error-without-end",
        "transaction",
        "timeout",
        &["JetBeginTransaction did not end", "noise"],
    ),
    // What is left behind in the process.
    horror(
        "close-descriptors",
        "transaction",
        "differs",
        &[
            "closed standard input",
            "closed standard output",
            "closed standard error",
        ],
    ),
    horror("standard-output", "transaction", "pass", &[]),
    horror(
        "current-folder",
        "transaction",
        "differs",
        &["changed the current folder to /"],
    ),
    horror(
        "environment",
        "transaction",
        "differs",
        &["set the environment variable HORROR"],
    ),
    horror(
        "locale",
        "transaction",
        "differs",
        &["set the locale to C.UTF-8"],
    ),
    horror(
        "signal-handlers",
        "transaction",
        "differs",
        &["changed what happens on SIGTERM"],
    ),
    horror("child", "transaction", "pass", &[]),
    horror("child-with-clean-environment", "transaction", "pass", &[]),
    with(
        &["--fresh-hosts"],
        horror("child-that-keeps-the-streams", "transaction", "pass", &[]),
    ),
    horror(
        "fork-and-return",
        "transaction",
        "differs",
        &["came back from a call in a second process too"],
    ),
    horror("descriptors-without-end", "transaction", "pass", &[]),
    // Memory.
    horror(
        "read-too-far",
        "key",
        "crash",
        &["house/key.yaml:5 in JetMakeKey", "SIGSEGV"],
    ),
    horror(
        "one-byte-past",
        "bookmark",
        "fail",
        &["wrote outside pvBookmark, at offset 20"],
    ),
    horror(
        "one-byte-before",
        "bookmark",
        "fail",
        &["wrote outside pvBookmark, at offset -1"],
    ),
    horror(
        "after-the-call",
        "bookmark",
        "fail",
        &["wrote to pvBookmark of line 6 after that call had returned"],
    ),
    horror(
        "written-on-failure",
        "refused",
        "differs",
        &["phCallbackId", "untouched"],
    ),
    horror(
        "success-untouched",
        "bookmark",
        "differs",
        &["pvBookmark", "untouched"],
    ),
    horror(
        "no-session",
        "session",
        "fail",
        &["psesid", "a value, for the call succeeded", "untouched"],
    ),
    horror(
        "structure-read-too-far",
        "column",
        "fail",
        &[
            "column/adds",
            "\"expected\":\"JET_errSuccess\"",
            "\"what\":\"return code\"",
        ],
    ),
    horror(
        "structure-written-too-far",
        "column",
        "fail",
        &["wrote outside pvResult, at offset 28"],
    ),
    // Callbacks.
    horror(
        "callback-after-unregister",
        "unregister",
        "fail",
        &[
            "expected",
            "none",
            "spy(BeforeInsert)",
            "unregister/removes",
        ],
    ),
    horror(
        "callback-after-term",
        "term",
        "fail",
        &["spy(AfterInsert)", "register/lost-at-term"],
    ),
    horror(
        "callback-twice",
        "callback",
        "fail",
        &["spy(BeforeInsert) 2 times, spy(AfterInsert) 2 times"],
    ),
    horror(
        "callback-missing",
        "callback",
        "fail",
        &[
            "spy(BeforeInsert, pvContext: 5), spy(AfterInsert, pvContext: 5)",
            "\"seen\":\"none\"",
        ],
    ),
    horror(
        "callback-early",
        "callback",
        "fail",
        &[
            "callbacks where none may fire",
            "spy(BeforeInsert)",
            "JetPrepareUpdate",
        ],
    ),
    horror(
        "callback-late",
        "callback",
        "fail",
        &["callbacks where none may fire", "JetGetLock"],
    ),
    horror(
        "callbacks-out-of-order",
        "callback",
        "fail",
        &["spy(AfterInsert), spy(BeforeInsert)"],
    ),
    horror(
        "callback-on-a-foreign-thread",
        "callback",
        "fail",
        &["on a thread of the engine"],
    ),
    horror(
        "callback-on-a-foreign-thread-later",
        "callback",
        "fail",
        &["JetUpdate", "none"],
    ),
    horror(
        "wrong-argument-0",
        "callback",
        "differs",
        &["callback argument sesid"],
    ),
    horror(
        "wrong-argument-1",
        "callback",
        "differs",
        &["callback argument dbid"],
    ),
    horror(
        "wrong-argument-2",
        "callback",
        "differs",
        &["callback argument tableid"],
    ),
    horror(
        "wrong-argument-3",
        "callback",
        "fail",
        &["spy(BeforeInsert|AfterDelete), spy(AfterInsert|AfterDelete)"],
    ),
    horror(
        "wrong-argument-4",
        "callback",
        "differs",
        &["callback argument pvArg1"],
    ),
    horror(
        "wrong-argument-5",
        "callback",
        "differs",
        &["callback argument pvArg2"],
    ),
    horror(
        "wrong-argument-6",
        "callback",
        "fail",
        &[
            "callback argument pvContext",
            "register/context-handed-back",
        ],
    ),
    horror(
        "wrong-argument-7",
        "callback",
        "differs",
        &["callback argument ulUnused"],
    ),
    // Answers, and none.
    horror(
        "missing-export",
        "transaction",
        "unsupported",
        &["\"missing-function\":\"JetBeginTransaction\""],
    ),
    horror(
        "unknown-code",
        "transaction",
        "fail",
        &["-98765", "transaction/begins"],
    ),
    horror(
        "unknown-warning",
        "transaction",
        "fail",
        &["98765", "transaction/begins"],
    ),
    horror(
        "unsteady",
        "transaction",
        "fail",
        &[
            "JET_errInvalidParameter",
            "results that differ from run to run",
            "in run 1: pass",
        ],
    ),
    with(
        &["--repeat", "2", "--fresh-hosts"],
        horror(
            "unsteady-later",
            "transaction",
            "fail",
            &[
                "JET_errInvalidParameter",
                "results that differ from run to run",
                "in run 1: pass",
            ],
        ),
    ),
    // A process of its own for each case.
    with(
        &["--fresh-hosts"],
        horror("only-the-first", "transaction", "pass", &[]),
    ),
];
