//! Refusals, one Japanese sentence each. This file can be reviewed by somebody who does not program.

use crate::domain::ids::RequestId;
use crate::domain::money::Yen;
use crate::domain::procedure::VehicleKind;

/// Why something can't be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The status does not allow the action any more.
    WrongStatus {
        /// The label of the button.
        action: &'static str,
        /// The status it is in.
        status: &'static str,
    },
    /// It was filed before, so it can't be deleted.
    AlreadyFiled,
    /// 担当者（送信不可）.
    MayNotSend,
    /// The direct-debit account for these vehicles is not open.
    AccountNotOpen {
        /// Accounts for registered and light vehicles are apart.
        vehicle: VehicleKind,
        /// A card would do instead.
        card: bool,
    },
    /// The procedure is not for vehicles whose fees are waived.
    VehicleExcluded,
    /// 更新区分 依頼人 without a number of the branch.
    BranchHasNoCommissionNumber,
    /// 更新区分 代理人 without a number of the agent's branch.
    AgentHasNoCommissionNumber,
    /// No certificate that can sign today.
    NoCertificate,
    /// The agent may not file this procedure.
    ProcedureNotAllowed,
    /// The request goes to an agent that takes none at the moment.
    AgentInactive,
    /// The file of a 代理人証明書 is not kept, so that its password can't be verified.
    CertificateFileMissing,
    /// A 代理人拠点 that is still needed.
    AgentBranchInUse {
        /// Requests to it that are not at their end.
        requests: u64,
        /// Users who are tied to it.
        users: u64,
    },
    /// 依頼先代理人: the branch may no longer ask this agent.
    AgentNotAsked,
    /// The payment is not waiting.
    PaymentNotAwaited,
    /// The amount is not the one that was agreed to.
    AmountChanged {
        /// What it is now.
        now: Yen,
    },
    /// The portal reports by itself; nobody writes down what it did.
    PortalReportsItself,
    /// People pay at the portal themselves.
    PaidAtThePortal,
    /// People suspend, resume and withdraw at the portal themselves.
    AskedAtThePortal,
    /// What was seen can't follow on where the filing stands.
    NotPossibleNow {
        /// OSSステータス.
        status: &'static str,
    },
    /// The organization has no initial password that could be restored.
    NoInitialPassword,
    /// The organization has no initial API password for a new key.
    NoInitialApiPassword,
    /// The branch has users or unfinished requests.
    BranchInUse {
        /// Login IDs of its users.
        users: Vec<String>,
        /// The first of its unfinished requests.
        requests: Vec<RequestId>,
        /// How many unfinished requests there are.
        total: u64,
    },
    /// More rows than an Excel sheet holds.
    TooManyRows {
        /// So many.
        rows: u64,
        /// So many fit.
        most: u64,
    },
    /// Long work with nothing to do, or with too much at once.
    WorkTooLarge {
        /// How many were chosen.
        items: usize,
        /// How many can be.
        most: usize,
    },
    /// A request has as many 証拠ファイル as are kept of one.
    TooManyProofs {
        /// So many.
        most: u32,
    },
    /// Rows of the same upload are being registered.
    ImportUnderWay,
    /// The vehicle has a request that is unfinished, or was completed in the last 30 days.
    SameVehicle {
        /// These, of those that the user may see.
        requests: Vec<RequestId>,
        /// Where the others are.
        elsewhere: &'static str,
    },
}

/// The first five, and whether there are more of `total`.
fn listed(what: &[impl ToString], total: u64) -> String {
    let first: Vec<String> = what.iter().take(5).map(ToString::to_string).collect();
    format!("{}{}", first.join("、"), if total > first.len() as u64 { " ほか" } else { "" })
}

/// What holds a branch, and what has to be done with it first: data are completed or `otherwise`.
fn branch_in_use(noun: &str, users: Option<String>, data: Option<String>, otherwise: &str) -> String {
    let ways = [
        users.as_ref().map(|_| "ユーザーは拠点の変更または削除を".to_owned()),
        data.as_ref().map(|_| format!("データは手続の完了または{otherwise}を")),
    ];
    let held = [
        users.map(|users| format!("この拠点のユーザー{users}")),
        data.map(|data| format!("手続が終わっていない依頼データ・申請データ{data}")),
    ];
    format!(
        "この{noun}は使用中のため、削除できません。{}があります。{}してから、もう一度操作してください。",
        held.into_iter().flatten().collect::<Vec<_>>().join("と、"),
        ways.into_iter().flatten().collect::<Vec<_>>().join("、"),
    )
}

impl Reason {
    /// What the user reads: what is the matter and what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::WrongStatus { action, status } => {
                format!("申請ステータスが「{status}」のため、「{action}」はできません。画面を開き直して、いまの状態を確認してください。")
            }
            Self::AlreadyFiled => {
                "一度申請したデータは、申請と納付の記録を残すため、削除できません。".to_owned()
            }
            Self::MayNotSend => {
                "権限が「担当者（送信不可）」のため、送信できません。送信可の担当者に依頼してください。".to_owned()
            }
            Self::AccountNotOpen { vehicle, card } => {
                let which = match vehicle {
                    VehicleKind::Registered => "ダイレクト納付の口座",
                    VehicleKind::Light => "軽自動車のダイレクト納付の口座",
                };
                let what = if *card { "待つか、「キャッシュレス利用」を「有」にしてください。" } else { "待ってください。" };
                format!("{which}がまだ開通していないため、送信・申請できません。開通のお知らせを{what}")
            }
            Self::VehicleExcluded => "検査手数料等が無料となる車両は、軽OSSの対象外です。軽自動車検査協会の窓口で申請してください。".to_owned(),
            Self::BranchHasNoCommissionNumber => "電子車検証更新区分が「依頼人」ですが、拠点に記録等事務代行者委託番号が登録されていないため、送信できません。管理者に登録を依頼するか、別の区分を選んでください。".to_owned(),
            Self::AgentHasNoCommissionNumber => "電子車検証更新区分が「代理人」ですが、代理人拠点に記録等事務代行者委託番号が登録されていないため、申請できません。".to_owned(),
            Self::NoCertificate => "申請に使える代理人証明書がありません。管理者に、有効期限と利用開始日の確認を依頼してください。".to_owned(),
            Self::ProcedureNotAllowed => "この手続の申請は、代理人組織の設定で「不可」になっています。".to_owned(),
            Self::AgentInactive => "この代理人は、いま申請を受け付けていません。".to_owned(),
            Self::AgentNotAsked => "この拠点から、この代理人には依頼できなくなりました。管理者に「依頼先代理人管理」の確認を依頼してください。".to_owned(),
            Self::SameVehicle { requests, elsewhere } => {
                let ids: Vec<String> = requests.iter().take(5).map(ToString::to_string).collect();
                let which =
                    if ids.is_empty() { (*elsewhere).to_owned() } else { format!("申請ID {}", ids.join("、")) };
                format!(
                    "同じ車両の依頼データ・申請データがあります（{which}）。このまま登録すると、手数料を二重に納付することがあります。"
                )
            }
            Self::PortalReportsItself => {
                "この環境では、ポータルの経過は自動で反映されます。手で記録することはできません。".to_owned()
            }
            Self::AskedAtThePortal => "中断・再開・取下は、実際のポータルで手続し、「転記・経過の記録」に記録してください。".to_owned(),
            Self::PaidAtThePortal => {
                "この環境では、納付は実際のポータルで行います。納付したあと、「経過の記録」に入力してください。".to_owned()
            }
            Self::NotPossibleNow { status } => {
                format!("OSSステータスが「{status}」のため、この経過は記録できません。画面を開き直して、いまの状態を確認してください。")
            }
            Self::NoInitialPassword => "利用登録通知書の初期パスワードが登録されていないため、再設定できません。システムの運営者に、利用登録通知書の再発行を依頼してください。".to_owned(),
            Self::NoInitialApiPassword => "利用登録通知書のAPI初期パスワードが登録されていないため、APIキーを登録できません。システムの運営者に、利用登録通知書の再発行を依頼してください。".to_owned(),
            Self::BranchInUse { users, requests, total } => {
                let people = (!users.is_empty())
                    .then(|| format!("{}人（{}）", users.len(), listed(users, users.len() as u64)));
                let data = (*total > 0).then(|| format!("{total}件（申請ID {}）", listed(requests, *total)));
                branch_in_use("依頼人拠点", people, data, "削除")
            }
            Self::CertificateFileMissing => "この電子証明書のファイルは保管されていないため、証明書パスワードを確認できません。「代理人証明書登録」で登録し直してください。".to_owned(),
            Self::AgentBranchInUse { requests, users } => {
                let people = (*users > 0).then(|| format!("{users}人"));
                let data = (*requests > 0).then(|| format!("{requests}件"));
                branch_in_use("代理人拠点", people, data, "差戻し")
            }
            Self::TooManyRows { rows, most } => format!(
                "Excelの1シートに入るのは{most}件までです（いま{rows}件あります）。条件で絞り込むか、CSVでダウンロードしてください。"
            ),
            Self::WorkTooLarge { items: 0, .. } => "データが選ばれていません。一覧で選んでから、もう一度操作してください。".to_owned(),
            Self::WorkTooLarge { items, most } => {
                format!("一度に処理できるのは {most} 件までです（いまは {items} 件）。検索条件で絞り込んでください。")
            }
            Self::TooManyProofs { most } => format!("証拠ファイルは、1つの申請に{most}件までです。これ以上は追加できません。"),
            Self::ImportUnderWay => "このファイルの登録が進んでいます。終わってから、もう一度操作してください。".to_owned(),
            Self::AmountChanged { now } => {
                format!("確認している間に税手数料額が変わりました（現在{now}）。納付していません。金額を確認してから、もう一度操作してください。")
            }
            Self::PaymentNotAwaited => "この手数料・税は、いま納付を待っていません。画面を開き直して確認してください。".to_owned(),
        }
    }
}
