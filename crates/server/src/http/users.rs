//! People who sign in: `/api/admin/users`, for a super_admin alone.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use simpul_core::access::{Role, Scope};
use simpul_core::id::{PartnerId, UserId};
use simpul_core::time::Timestamp;
use simpul_store::User;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members::{Deleted, RoleSchema, SearchQuery, present, total};
use super::partners::NAME_CHARACTERS;
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, Pagination, PathId, Problems, RequestBody};
use crate::auth::SuperAdmin;
use crate::config::Secret;
use crate::http::extract::BODY_LIMIT;
use crate::password;
use crate::state::{AppState, conflict_at};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_users, create_user)).routes(routes!(read_user, change_user, delete_user))
}

/// A person who signs in. The password is never part of an answer.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserOut {
    #[schema(value_type = String, format = "uuid")]
    pub id: UserId,
    /// In lower case; unique.
    pub email: String,
    pub name: String,
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// The one partner that the person sees; `null` for all.
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<User> for UserOut {
    fn from(user: User) -> Self {
        let User { id, email, name, role, partner_id, password_hash: _, created_at, updated_at } = user;
        Self { id, email, name, role, partner_id, created_at, updated_at }
    }
}

/// A new user.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserIn {
    /// Kept in lower case; unique.
    #[schema(format = "email")]
    pub email: String,
    /// 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// Confines the person to one partner; not for a super_admin.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub partner_id: Option<PartnerId>,
    /// 12 to 256 characters.
    #[schema(format = "password", write_only, min_length = 12, max_length = 256)]
    pub password: String,
}

/// A change to a user; absent members stay as they are. A new password, role or partner ends the user's sessions.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct UserPatch {
    /// Kept in lower case; unique.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, format = "email")]
    pub email: Option<String>,
    /// 1 to 120 characters.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    #[serde(deserialize_with = "present")]
    #[schema(value_type = RoleSchema, required = false)]
    pub role: Option<Role>,
    /// `null` lets the person see all partners.
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = "uuid")]
    pub partner_id: Option<Option<PartnerId>>,
    /// 12 to 256 characters.
    #[serde(deserialize_with = "present")]
    #[schema(nullable = false, format = "password", write_only, min_length = 12, max_length = 256)]
    pub password: Option<String>,
}

/// Users, by e-mail.
#[utoipa::path(get, path = "/api/admin/users", tag = "Users and keys", params(SearchQuery),
    responses((status = 200, description = "One page", body = Listed<UserOut>)))]
async fn list_users(
    SuperAdmin(caller): SuperAdmin,
    State(state): State<AppState>,
    ApiQuery(query): ApiQuery<SearchQuery>,
) -> ApiResult<Listed<UserOut>> {
    let (page, words) = query.parts()?;
    let (users, count) = state.store.list_users(caller.scope(), words, page.into()).await?;
    let users = users.into_iter().map(UserOut::from).collect();
    Ok(Listed::new(users, Pagination::new(total(count), page, None)))
}

/// Creates a user.
#[utoipa::path(post, path = "/api/admin/users", tag = "Users and keys", request_body = UserIn,
    responses((status = 201, description = "Created", body = Data<UserOut>),
        (status = 409, description = "The e-mail is taken", body = super::envelope::Failure)))]
async fn create_user(
    SuperAdmin(_): SuperAdmin,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<UserOut>)> {
    let input: UserIn = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let email = problems.email("email", &input.email);
    let name = problems.line("name", &input.name, NAME_CHARACTERS);
    check_password(&mut problems, &input.password);
    check_partner(&mut problems, &state, input.role, input.partner_id).await?;
    problems.into_result()?;
    let password_hash = state.passwords.hash(Secret::new(input.password)).await?;
    let now = state.now();
    let id = UserId::generate(now);
    let (role, partner_id) = (input.role, input.partner_id);
    let user = User { id, email, name, role, partner_id, password_hash, created_at: now, updated_at: now };
    state.store.insert_user(&user).await.map_err(conflict_at("email"))?;
    Ok(Data::new(user.into()).created())
}

fn check_password(problems: &mut Problems, text: &str) {
    problems.length("password", text, password::LEAST_CHARACTERS, password::MOST_CHARACTERS);
}

/// A partner that does not exist, or one for a super_admin, who sees them all.
pub(super) async fn check_partner(
    problems: &mut Problems,
    state: &AppState,
    role: Role,
    partner_id: Option<PartnerId>,
) -> ApiResult<()> {
    let Some(id) = partner_id else { return Ok(()) };
    if role == Role::SuperAdmin {
        problems.add("partnerId", "must be absent for a super_admin, who sees all partners");
    } else if state.store.find_partner(Scope::All, id).await?.is_none() {
        problems.add("partnerId", "names no partner");
    }
    Ok(())
}

async fn find_user(state: &AppState, id: UserId) -> ApiResult<User> {
    state.store.find_user(id).await?.ok_or_else(|| ApiError::not_found("user"))
}

/// One user.
#[utoipa::path(get, path = "/api/admin/users/{id}", tag = "Users and keys",
    params(("id" = String, Path, description = "The user's id", format = "uuid")),
    responses((status = 200, description = "The user", body = Data<UserOut>)))]
async fn read_user(
    SuperAdmin(_): SuperAdmin,
    PathId(id): PathId<UserId>,
    State(state): State<AppState>,
) -> ApiResult<Data<UserOut>> {
    Ok(Data::new(find_user(&state, id).await?.into()))
}

/// Changes a user; absent members stay as they are. A new password, role or partner ends the user's sessions.
#[utoipa::path(put, path = "/api/admin/users/{id}", tag = "Users and keys", request_body = UserPatch,
    params(("id" = String, Path, description = "The user's id", format = "uuid")),
    responses((status = 200, description = "The user as it is now", body = Data<UserOut>),
        (status = 409, description = "The e-mail is taken, or this is the last super_admin",
            body = super::envelope::Failure)))]
async fn change_user(
    SuperAdmin(_): SuperAdmin,
    PathId(id): PathId<UserId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<UserOut>> {
    let mut user = find_user(&state, id).await?;
    let (role, partner_id) = (user.role, user.partner_id);
    let patch: UserPatch = body.json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    if let Some(email) = &patch.email {
        user.email = problems.email("email", email);
    }
    if let Some(name) = &patch.name {
        user.name = problems.line("name", name, NAME_CHARACTERS);
    }
    if let Some(password) = &patch.password {
        check_password(&mut problems, password);
    }
    user.role = patch.role.unwrap_or(user.role);
    user.partner_id = patch.partner_id.unwrap_or(user.partner_id);
    check_partner(&mut problems, &state, user.role, user.partner_id).await?;
    problems.into_result()?;
    let sign_out = patch.password.is_some() || user.role != role || user.partner_id != partner_id;
    if let Some(password) = patch.password {
        user.password_hash = state.passwords.hash(Secret::new(password)).await?;
    }
    user.updated_at = state.now();
    state.store.update_user(&user, sign_out).await.map_err(conflict_at("email"))?;
    Ok(Data::new(user.into()))
}

/// Deletes a user and ends its sessions.
#[utoipa::path(delete, path = "/api/admin/users/{id}", tag = "Users and keys",
    params(("id" = String, Path, description = "The user's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>),
        (status = 409, description = "Oneself, or the last super_admin", body = super::envelope::Failure)))]
async fn delete_user(
    SuperAdmin(caller): SuperAdmin,
    PathId(id): PathId<UserId>,
    State(state): State<AppState>,
) -> ApiResult<Data<Deleted>> {
    let user = find_user(&state, id).await?;
    if caller.user_id() == Some(user.id) {
        return Err(ApiError::conflict("You cannot delete yourself: ask another super_admin.", None));
    }
    state.store.delete_user(user.id).await?;
    Ok(Data::new(Deleted::new(user.id)))
}
