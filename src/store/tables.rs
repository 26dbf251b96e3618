//! Every table of the node's data file, with its key and value. Nothing else names a table. A record is the version
//! byte and numbered fields of `codec`; an index repeats what records say and is rebuilt by `check` to prove it.

use super::kit::{Records, Registered};
use redb::TableDefinition;

/// The newest schema of the data file.
pub(super) const SCHEMA: u32 = 4;

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $text:literal: $kind:ty;)*) => {
        $($(#[$doc])* pub(super) const $name: $kind = TableDefinition::new($text);)*

        /// All of them.
        pub(super) const ALL: &[Registered] = &[$(Registered {
            name: $text,
            create: |tx| tx.open_table($name).map(drop),
        },)*];
    };
}

/// An index that only says that something is there.
type Set<K> = TableDefinition<'static, K, ()>;
/// An index, or a number.
type Values<K, V> = TableDefinition<'static, K, V>;

/// What a session rests on, by name: see `Store::people_version`.
pub(super) const PEOPLE: &[&str] = &["sessions", "users", "clients", "branches", "agents", "agent_branches"];

tables! {
    /// What the node is: "node_id", "profile", "event_cursor" → text.
    META = "meta": Values<&'static str, &'static str>;
    /// Name of a sequence → the last number taken.
    SEQUENCES = "sequences": Values<&'static str, u64>;

    /// User → `User`.
    USERS = "users": Records<u32>;
    /// Index: (application, login ID in lower case) → active user.
    USERS_BY_LOGIN = "users_by_login": Values<(u8, &'static str), u32>;
    /// Index: (application, organization, user).
    USERS_BY_ORGANIZATION = "users_by_organization": Set<(u8, u32, u32)>;
    /// Index: (person, user), deleted users too.
    USERS_BY_PERSON = "users_by_person": Set<(u32, u32)>;

    /// SHA-256 of the cookie's token → `Session`.
    SESSIONS = "sessions": Records<[u8; 32]>;
    /// Index: (user, SHA-256 of the token).
    SESSIONS_BY_USER = "sessions_by_user": Set<(u32, [u8; 32])>;
    /// (account, source) → `Failures`.
    FAILURES = "failures": Records<(&'static str, &'static str)>;

    /// 依頼人組織ID → `ClientOrganization`.
    CLIENTS = "clients": Records<u32>;
    /// Branch → `Branch`.
    BRANCHES = "branches": Records<u32>;
    /// Index: (client organization, 依頼人拠点コード) → branch.
    BRANCHES_BY_CODE = "branches_by_code": Values<(u32, &'static str), u32>;
    /// 代理人組織ID → `AgentOrganization`.
    AGENTS = "agents": Records<u32>;
    /// Agent branch → `AgentBranch`.
    AGENT_BRANCHES = "agent_branches": Records<u32>;
    /// Index: 代理人拠点ID → agent branch.
    AGENT_BRANCHES_BY_CODE = "agent_branches_by_code": Values<&'static str, u32>;
    /// Template → `Template`.
    TEMPLATES = "templates": Records<u32>;
    /// Index: (client organization, template).
    TEMPLATES_BY_CLIENT = "templates_by_client": Set<(u32, u32)>;
    /// (client organization, number) → `ClientCertificate`.
    CLIENT_CERTIFICATES = "client_certificates": Records<(u32, u32)>;
    /// (agent organization, number) → `AgentCertificate`.
    AGENT_CERTIFICATES = "agent_certificates": Records<(u32, u32)>;

    /// APIキー → `ApiKey`.
    API_KEYS = "api_keys": Records<&'static str>;
    /// Index: (client organization, APIキー).
    API_KEYS_BY_ORGANIZATION = "api_keys_by_organization": Set<(u32, &'static str)>;

    /// Number from 1 → `Report`.
    REPORTS = "reports": Records<u64>;
    /// Index: (client organization, number of the report).
    REPORTS_BY_CLIENT = "reports_by_client": Set<(u32, u64)>;

    /// 申請ID → `ServiceRequest`.
    REQUESTS = "requests": Records<u64>;
    /// (申請ID, attempt) → `Filing`.
    FILINGS = "filings": Records<(u64, u16)>;
    /// Index: submission number → (申請ID, attempt).
    FILINGS_BY_SUBMISSION = "filings_by_submission": Values<[u8; 16], (u64, u16)>;
    /// (申請ID, number from 0) → `HistoryEntry`.
    HISTORY = "history": Records<(u64, u32)>;

    /// (申請ID, number from 1) → `Proof`.
    PROOFS = "proofs": Records<(u64, u32)>;
    /// (申請ID, number from 1) → `ProofContent`.
    PROOF_CONTENTS = "proof_contents": Records<(u64, u32)>;

    /// Index: (key of the chassis number backwards, 申請ID).
    REQUESTS_BY_CHASSIS = "requests_by_chassis": Set<(&'static [u8], u64)>;
    /// Index: (一連指定番号, four bytes for region, class and kana, 申請ID).
    REQUESTS_BY_PLATE = "requests_by_plate": Set<(u16, u32, u64)>;

    /// (side, organization, procedure, first 申請ID of the block) → `Summary` of a block of search data.
    SEARCH_SUMMARIES = "search_summaries": Values<(u8, u32, u8, u64), &'static [u8]>;
    /// (side, organization, procedure, first 申請ID of its blocks shifted) → `Counts` of a group of blocks.
    SEARCH_GROUPS = "search_groups": Values<(u8, u32, u8, u64), &'static [u8]>;
    /// (side, organization, procedure, column, first 申請ID of the block) → a column of a block. Texts are compared by
    /// `text::search_key` and `chassis::suffix_key`: a new revision of those is a migration.
    SEARCH_COLUMNS = "search_columns": Values<(u8, u32, u8, u8, u64), &'static [u8]>;
    /// 申請ID shifted → what lists of either side show of a few requests.
    SEARCH_ROWS = "search_rows": Values<u64, &'static [u8]>;
    /// (side, organization, procedure, own branch, status) → how many requests; no row for none.
    SEARCH_COUNTERS = "search_counters": Values<(u8, u32, u8, u32, u8), u64>;
    /// (side, organization, procedure) → a number that grows with every change of the list.
    SEARCH_VERSIONS = "search_versions": Values<(u8, u32, u8), u64>;

    /// Notice → `Notice`.
    NOTICES = "notices": Records<u32>;
    /// (clock, due in Unix seconds, job) → `JobRow`.
    JOBS = "jobs": Records<(u8, i64, u64)>;
    /// Job that was given up → `FailedJob`.
    FAILED_JOBS = "failed_jobs": Records<u64>;
    /// (user, token of the form) → `Submission`.
    SUBMISSIONS = "submissions": Records<(u32, &'static str)>;
    /// Index: (Unix seconds, user, token of the form).
    SUBMISSIONS_BY_TIME = "submissions_by_time": Set<(i64, u32, &'static str)>;
    /// Work → `Work`.
    WORKS = "works": Records<u64>;
    /// Index: (owner, work).
    WORKS_BY_OWNER = "works_by_owner": Set<(u32, u64)>;
    /// Index: work with items that wait for their turn.
    WORKS_OPEN = "works_open": Set<u64>;
    /// Upload → `Import`.
    IMPORTS = "imports": Records<u64>;
    /// Index: (client organization, upload).
    IMPORTS_BY_ORGANIZATION = "imports_by_organization": Set<(u32, u64)>;
    /// (upload, number from 0) → `ImportRow`.
    IMPORT_ROWS = "import_rows": Records<(u64, u32)>;
    /// (work, number from 0) → `WorkItem`.
    WORK_ITEMS = "work_items": Records<(u64, u32)>;
    /// Number from 1 without gaps → `Link` of the audit chain.
    AUDIT = "audit": Records<u64>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watched_tables_exist() {
        assert!(PEOPLE.iter().all(|name| ALL.iter().any(|table| table.name == *name)));
    }
}
