//! The list of everything that can be asked of the node by a browser. The list builds the router and feeds the test
//! that walks every route as every kind of visitor: what is not in it does not exist.

use super::kit::assets;
use super::kit::visit::Reader;
use super::{agent, client, downloads, gate, help, my_users, notices, outside, sign_in, start, work};
use crate::app::Shared;
use crate::domain::role::{AgentRole, Application, ClientRole, SimulatorRole};
use crate::service::sessions::CurrentActor;
use axum::Router;
use axum::routing::MethodRouter;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Anybody, signed in or not.
    Anyone,
    /// A signed-in user of the application, even one who has to choose a new password first.
    Arriving(Application),
    /// These roles of the client application.
    Client(&'static [ClientRole]),
    /// These roles of the agent application.
    Agent(&'static [AgentRole]),
    /// These roles of the simulated outside world.
    Simulator(&'static [SimulatorRole]),
}

/// Any user of the client application.
pub const CLIENT_USER: Who = Who::Client(&[
    ClientRole::Administrator,
    ClientRole::BranchManager,
    ClientRole::StaffMaySend,
    ClientRole::StaffMayNotSend,
]);
/// 担当者 of a garage.
pub const CLIENT_STAFF: Who = Who::Client(&[ClientRole::StaffMaySend, ClientRole::StaffMayNotSend]);
/// 担当者（送信可） of a garage.
pub const CLIENT_MAY_SEND: Who = Who::Client(&[ClientRole::StaffMaySend]);
/// 管理者 of a garage.
pub const CLIENT_ADMINISTRATOR: Who = Who::Client(&[ClientRole::Administrator]);
/// 管理者 and 拠点管理者 of a garage.
pub const CLIENT_ADMINISTRATORS: Who = Who::Client(&[ClientRole::Administrator, ClientRole::BranchManager]);
/// Any user of the agent application.
pub const AGENT_USER: Who = Who::Agent(&[AgentRole::Administrator, AgentRole::Staff]);
/// Anybody who plays the outside world.
pub const SIMULATOR_USER: Who = Who::Simulator(&[SimulatorRole::Instructor, SimulatorRole::Official]);
/// 講師.
pub const INSTRUCTOR: Who = Who::Simulator(&[SimulatorRole::Instructor]);
/// 管理者 of an agent.
pub const AGENT_ADMINISTRATOR: Who = Who::Agent(&[AgentRole::Administrator]);
/// 担当者 of an agent.
pub const AGENT_STAFF: Who = Who::Agent(&[AgentRole::Staff]);

impl Who {
    /// The application whose session is asked for; none when no session is.
    pub fn application(self) -> Option<Application> {
        match self {
            Self::Anyone => None,
            Self::Arriving(application) => Some(application),
            Self::Client(_) => Some(Application::Client),
            Self::Agent(_) => Some(Application::Agent),
            Self::Simulator(_) => Some(Application::Simulator),
        }
    }

    /// Whether this reader may, the state of the password aside.
    pub(in crate::web) fn admits(self, reader: &Reader) -> bool {
        match (self, &reader.actor) {
            (Self::Anyone, _)
            | (Self::Arriving(Application::Client), CurrentActor::Client(_))
            | (Self::Arriving(Application::Agent), CurrentActor::Agent(_))
            | (Self::Arriving(Application::Simulator), CurrentActor::Simulator(_)) => true,
            (Self::Client(roles), CurrentActor::Client(actor)) => roles.contains(&actor.role()),
            (Self::Agent(roles), CurrentActor::Agent(actor)) => roles.contains(&actor.role()),
            (Self::Simulator(roles), CurrentActor::Simulator(actor)) => roles.contains(&actor.role()),
            _ => false,
        }
    }
}

/// What an address answers that names an object of another organization or branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// It names no object.
    None,
    /// Not found, as if it did not exist.
    NotFound,
    /// It takes several objects and leaves the foreign ones out, naming none.
    LeftOut,
}

/// One row of the list.
#[derive(Debug)]
pub struct Route {
    /// `get` or `post`.
    pub method: &'static str,
    /// The address, with `{parts}`.
    pub path: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What a foreign object answers.
    pub foreign: Foreign,
    /// The largest file that its form takes, in bytes; 0 when it takes none.
    pub file: usize,
    /// Its handler.
    pub handler: fn() -> MethodRouter<Shared>,
}

/// A row: `route!(get "/client/sign-in", Who::Anyone, Foreign::None, sign_in::show)`; a form with a file names the
/// largest size in bytes: `route!(post "…", …, file 64 << 10)`.
macro_rules! route {
    ($method:ident $path:literal, $who:expr, $foreign:expr, $handler:expr) => {
        $crate::web::routes::route!($method $path, $who, $foreign, $handler, file 0)
    };
    ($method:ident $path:literal, $who:expr, $foreign:expr, $handler:expr, file $bytes:expr) => {
        $crate::web::routes::Route {
            method: stringify!($method),
            path: $path,
            who: $who,
            foreign: $foreign,
            file: $bytes,
            handler: || axum::routing::$method($handler),
        }
    };
}
pub(in crate::web) use route;

/// Pages that belong to no application.
const NODE: &[Route] = &[
    route!(get "/", Who::Anyone, Foreign::None, start::show),
    route!(get "/assets/{name}", Who::Anyone, Foreign::None, assets::serve),
    route!(get "/help", Who::Anyone, Foreign::None, help::index),
    route!(get "/help/{name}", Who::Anyone, Foreign::None, help::show),
    route!(get "/livez", Who::Anyone, Foreign::None, start::alive),
    route!(get "/readyz", Who::Anyone, Foreign::None, start::ready),
    route!(get "/trust", Who::Anyone, Foreign::None, start::trust),
    route!(get "/trust/ca.crt", Who::Anyone, Foreign::None, start::certificate),
    route!(get "/oss_agt/", Who::Anyone, Foreign::None, start::old_agent_address),
    route!(get "/oss_agt", Who::Anyone, Foreign::None, start::old_agent_address),
];

/// Sign-in, password and notices, the same in every application.
const ENTRANCE: &[Route] = &[
    route!(get "/client/sign-in", Who::Anyone, Foreign::None, sign_in::show),
    route!(post "/client/sign-in", Who::Anyone, Foreign::None, sign_in::enter),
    route!(post "/client/sign-out", Who::Arriving(Application::Client), Foreign::None, sign_in::leave),
    route!(get "/client/password", Who::Arriving(Application::Client), Foreign::None, sign_in::password),
    route!(post "/client/password", Who::Arriving(Application::Client), Foreign::None, sign_in::change_password),
    route!(get "/client", CLIENT_USER, Foreign::None, notices::show),
    route!(get "/client/my-users", CLIENT_USER, Foreign::None, my_users::show),
    route!(post "/client/my-users/switch", CLIENT_USER, Foreign::None, my_users::switch),
    route!(post "/client/my-users/add", CLIENT_USER, Foreign::None, my_users::add),
    route!(post "/client/my-users/remove", CLIENT_USER, Foreign::None, my_users::remove),
    route!(get "/agent/sign-in", Who::Anyone, Foreign::None, sign_in::show),
    route!(post "/agent/sign-in", Who::Anyone, Foreign::None, sign_in::enter),
    route!(post "/agent/sign-out", Who::Arriving(Application::Agent), Foreign::None, sign_in::leave),
    route!(get "/agent/password", Who::Arriving(Application::Agent), Foreign::None, sign_in::password),
    route!(post "/agent/password", Who::Arriving(Application::Agent), Foreign::None, sign_in::change_password),
    route!(get "/agent", AGENT_USER, Foreign::None, notices::show),
    route!(get "/agent/my-users", AGENT_USER, Foreign::None, my_users::show),
    route!(post "/agent/my-users/switch", AGENT_USER, Foreign::None, my_users::switch),
    route!(post "/agent/my-users/add", AGENT_USER, Foreign::None, my_users::add),
    route!(post "/agent/my-users/remove", AGENT_USER, Foreign::None, my_users::remove),
];

/// 各種ダウンロード in both applications.
const DOWNLOADS: &[Route] = &[
    route!(get "/client/downloads", CLIENT_ADMINISTRATORS, Foreign::None, downloads::show),
    route!(get "/client/downloads/file", CLIENT_ADMINISTRATORS, Foreign::None, downloads::file),
    route!(get "/agent/downloads", AGENT_USER, Foreign::None, downloads::show),
    route!(get "/agent/downloads/file", AGENT_USER, Foreign::None, downloads::file),
];

/// Long work and its results, the same in every application.
const WORK: &[Route] = &[
    route!(get "/client/work", CLIENT_USER, Foreign::None, work::list),
    route!(get "/client/work/{id}", CLIENT_USER, Foreign::NotFound, work::show),
    route!(post "/client/work/{id}/cancel", CLIENT_USER, Foreign::NotFound, work::cancel),
    route!(get "/agent/work", AGENT_USER, Foreign::None, work::list),
    route!(get "/agent/work/{id}", AGENT_USER, Foreign::NotFound, work::show),
    route!(post "/agent/work/{id}/cancel", AGENT_USER, Foreign::NotFound, work::cancel),
];

/// Every route there is. A part of the application with pages of its own adds its list here.
pub fn all() -> impl Iterator<Item = &'static Route> {
    [NODE, ENTRANCE, WORK, DOWNLOADS, client::ROUTES, agent::ROUTES, outside::ROUTES].into_iter().flatten()
}

impl Route {
    /// Whether it belongs to the simulated outside world, which not every node has.
    pub fn is_outside(&self) -> bool {
        self.path.starts_with("/sim")
    }
}

/// The router that the list describes: each handler behind the check that its row asks for. Without a simulated world
/// its addresses don't exist.
pub fn router(with_world: bool) -> Router<Shared> {
    all()
        .filter(|route| with_world || !route.is_outside())
        .fold(Router::new(), |router, route| router.route(route.path, gate::guarded(route)))
}
