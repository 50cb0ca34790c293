//! People, their sessions, and programs' keys. Passwords arrive hashed; tokens are kept as hashes alone.

use simpul_core::access::{Role, Scope};
use simpul_core::id::{ApiKeyId, PartnerId, SessionId, UserId};
use simpul_core::time::Timestamp;
use sqlx::{AssertSqlSafe, FromRow};

use crate::db::{Tx, read, within};
use crate::error::{Error, Result, or_conflict};
use crate::partners::contains_pattern;
use crate::seal::token_hash;
use crate::{Page, Store};

/// A person who signs in.
#[derive(Debug, Clone)]
pub struct User {
    pub id: UserId,
    /// In lower case; unique.
    pub email: String,
    pub name: String,
    pub role: Role,
    pub partner_id: Option<PartnerId>,
    /// Argon2id, PHC string form.
    pub password_hash: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A program's key, without the key.
#[derive(Debug, Clone)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub name: String,
    pub role: Role,
    pub partner_id: Option<PartnerId>,
    pub prefix: String,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub created_by: String,
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct UserRow {
    id: UserId,
    email: String,
    name: String,
    role: String,
    partner_id: Option<PartnerId>,
    password_hash: String,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(FromRow)]
struct ApiKeyRow {
    id: ApiKeyId,
    name: String,
    role: String,
    partner_id: Option<PartnerId>,
    prefix: String,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    created_by: String,
    created_at: Timestamp,
}

fn role(text: &str, table: &'static str, row: impl std::fmt::Display) -> Result<Role> {
    Role::parse(text).ok_or_else(|| Error::Corrupt { table, column: "role", row: row.to_string() })
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let UserRow { id, email, name, role: word, partner_id, password_hash, created_at, updated_at } = row;
        Ok(Self { id, email, name, role: role(&word, "users", id)?, partner_id, password_hash, created_at, updated_at })
    }
}

impl TryFrom<ApiKeyRow> for ApiKey {
    type Error = Error;

    fn try_from(row: ApiKeyRow) -> Result<Self> {
        let ApiKeyRow { id, name, role: word, partner_id, prefix, expires_at, last_used_at, created_by, created_at } =
            row;
        let role = role(&word, "api_keys", id)?;
        Ok(Self { id, name, role, partner_id, prefix, expires_at, last_used_at, created_by, created_at })
    }
}

const USER: &str = "id, email, name, role, partner_id, password_hash, created_at, updated_at";
const API_KEY: &str = "id, name, role, partner_id, prefix, expires_at, last_used_at, created_by, created_at";

impl Store {
    /// How many people can sign in at all.
    pub async fn count_users(&self) -> Result<i64> {
        Ok(read!(self, |pool| sqlx::query_scalar("SELECT COUNT(*) FROM users").fetch_one(pool).await?))
    }

    /// How many are `super_admin`: the last one must not go.
    pub async fn count_super_admins(&self) -> Result<i64> {
        const SQL: &str = "SELECT COUNT(*) FROM users WHERE role = 'super_admin'";
        Ok(read!(self, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?))
    }

    /// People by e-mail, and how many there are in all.
    pub async fn list_users(&self, scope: Scope, words: Option<&str>, page: Page) -> Result<(Vec<User>, i64)> {
        const WHERE: &str = "FROM users WHERE ($1 IS NULL OR partner_id = $1) AND ($2 IS NULL OR LOWER(name || ' ' || email) LIKE $2 ESCAPE '!')";
        let list = format!("SELECT {USER} {WHERE} ORDER BY email LIMIT $3 OFFSET $4");
        let count = format!("SELECT COUNT(*) {WHERE}");
        let words = words.map(contains_pattern);
        let rows: Vec<UserRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .fetch_one(pool)
            .await?);
        Ok((rows.into_iter().map(User::try_from).collect::<Result<_>>()?, total))
    }

    pub async fn find_user(&self, id: UserId) -> Result<Option<User>> {
        let sql = format!("SELECT {USER} FROM users WHERE id = $1");
        let row: Option<UserRow> =
            read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?);
        row.map(User::try_from).transpose()
    }

    /// `email` in lower case.
    pub async fn find_user_by_email(&self, email: &str) -> Result<Option<User>> {
        let sql = format!("SELECT {USER} FROM users WHERE email = $1");
        let row: Option<UserRow> =
            read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).bind(email).fetch_optional(pool).await?);
        row.map(User::try_from).transpose()
    }

    /// # Errors
    /// A conflict where the e-mail is taken.
    pub async fn insert_user(&self, user: &User) -> Result<()> {
        const SQL: &str = "INSERT INTO users (id, email, name, role, partner_id, password_hash, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(user.id)
                .bind(&user.email)
                .bind(&user.name)
                .bind(user.role.as_str())
                .bind(user.partner_id)
                .bind(&user.password_hash)
                .bind(user.created_at)
                .bind(user.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("a user with this e-mail"))?;
        });
        self.commit(tx).await
    }

    /// Writes everything but the id. `sign_out` ends the user's sessions, as a changed password or role must.
    ///
    /// # Errors
    /// A conflict where the e-mail is taken; [`Error::LastSuperAdmin`] where none would be left.
    pub async fn update_user(&self, user: &User, sign_out: bool) -> Result<()> {
        const SQL: &str =
            "UPDATE users SET email = $2, name = $3, role = $4, partner_id = $5, password_hash = $6, updated_at = $7
            WHERE id = $1";
        let mut tx = self.db.begin().await?;
        if user.role != Role::SuperAdmin {
            keep_a_super_admin(&mut tx, user.id).await?;
        }
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(user.id)
                .bind(&user.email)
                .bind(&user.name)
                .bind(user.role.as_str())
                .bind(user.partner_id)
                .bind(&user.password_hash)
                .bind(user.updated_at)
                .execute(connection)
                .await
                .map_err(or_conflict("a user with this e-mail"))?;
        });
        if sign_out {
            within!(&mut tx, |connection| {
                sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(user.id).execute(connection).await?;
            });
        }
        self.commit(tx).await
    }

    /// # Errors
    /// [`Error::LastSuperAdmin`] where none would be left.
    pub async fn delete_user(&self, id: UserId) -> Result<()> {
        let mut tx = self.db.begin().await?;
        keep_a_super_admin(&mut tx, id).await?;
        within!(&mut tx, |connection| {
            sqlx::query("DELETE FROM users WHERE id = $1").bind(id).execute(connection).await?;
        });
        self.commit(tx).await
    }

    /// Keeps a session under its token's hash.
    pub async fn insert_session(&self, session: &Session, token: &str) -> Result<()> {
        const SQL: &str =
            "INSERT INTO sessions (id, token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(session.id)
                .bind(token_hash(token))
                .bind(session.user_id)
                .bind(session.created_at)
                .bind(session.expires_at)
                .execute(connection)
                .await?;
        });
        self.commit(tx).await
    }

    /// The person behind an unexpired session.
    pub async fn find_session_user(&self, token: &str, now: Timestamp) -> Result<Option<(SessionId, User)>> {
        const SQL: &str = "SELECT id, user_id FROM sessions WHERE token_hash = $1 AND expires_at > $2";
        let row: Option<(SessionId, UserId)> =
            read!(self, |pool| sqlx::query_as(SQL).bind(token_hash(token)).bind(now).fetch_optional(pool).await?);
        match row {
            None => Ok(None),
            Some((session_id, user_id)) => Ok(self.find_user(user_id).await?.map(|user| (session_id, user))),
        }
    }

    pub async fn delete_session(&self, id: SessionId) -> Result<()> {
        self.delete_by_id("DELETE FROM sessions WHERE id = $1", id.0).await
    }

    /// Keys by age, newest first, and how many there are in all.
    pub async fn list_api_keys(&self, scope: Scope, words: Option<&str>, page: Page) -> Result<(Vec<ApiKey>, i64)> {
        const WHERE: &str = "FROM api_keys WHERE ($1 IS NULL OR partner_id = $1) AND ($2 IS NULL OR LOWER(name || ' ' || prefix) LIKE $2 ESCAPE '!')";
        let list = format!("SELECT {API_KEY} {WHERE} ORDER BY id DESC LIMIT $3 OFFSET $4");
        let count = format!("SELECT COUNT(*) {WHERE}");
        let words = words.map(contains_pattern);
        let rows: Vec<ApiKeyRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(list))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .bind(i64::from(page.limit))
            .bind(i64::from(page.offset))
            .fetch_all(pool)
            .await?);
        let total = read!(self, |pool| sqlx::query_scalar(AssertSqlSafe(count))
            .bind(scope.partner_id())
            .bind(words.as_deref())
            .fetch_one(pool)
            .await?);
        Ok((rows.into_iter().map(ApiKey::try_from).collect::<Result<_>>()?, total))
    }

    pub async fn find_api_key(&self, id: ApiKeyId) -> Result<Option<ApiKey>> {
        let sql = format!("SELECT {API_KEY} FROM api_keys WHERE id = $1");
        let row: Option<ApiKeyRow> =
            read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await?);
        row.map(ApiKey::try_from).transpose()
    }

    /// The unexpired key of this text.
    pub async fn find_api_key_by_token(&self, token: &str, now: Timestamp) -> Result<Option<ApiKey>> {
        let sql =
            format!("SELECT {API_KEY} FROM api_keys WHERE key_hash = $1 AND (expires_at IS NULL OR expires_at > $2)");
        let row: Option<ApiKeyRow> = read!(self, |pool| sqlx::query_as(AssertSqlSafe(sql))
            .bind(token_hash(token))
            .bind(now)
            .fetch_optional(pool)
            .await?);
        row.map(ApiKey::try_from).transpose()
    }

    /// The same, from memory where it was asked for a moment ago.
    pub async fn recall_api_key(&self, token: &str, now: Timestamp) -> Result<Option<ApiKey>> {
        let hash = token_hash(token);
        let before = match self.remembered_keys.recall(&hash) {
            Ok(key) => return Ok(Some(key).filter(|key| key.expires_at.is_none_or(|end| end > now))),
            Err(before) => before,
        };
        let found = self.find_api_key_by_token(token, now).await?;
        if let Some(key) = &found {
            self.remembered_keys.remember(hash, key.clone(), before);
        }
        Ok(found)
    }

    pub async fn insert_api_key(&self, key: &ApiKey, token: &str) -> Result<()> {
        const SQL: &str =
            "INSERT INTO api_keys (id, name, role, partner_id, prefix, key_hash, expires_at, created_by, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(SQL)
                .bind(key.id)
                .bind(&key.name)
                .bind(key.role.as_str())
                .bind(key.partner_id)
                .bind(&key.prefix)
                .bind(token_hash(token))
                .bind(key.expires_at)
                .bind(&key.created_by)
                .bind(key.created_at)
                .execute(connection)
                .await?;
        });
        self.commit(tx).await
    }

    /// Notes when keys were last used; called in batches, not on every request.
    pub async fn touch_api_keys(&self, used: &[(ApiKeyId, Timestamp)]) -> Result<()> {
        let mut tx = self.db.begin().await?;
        for (id, at) in used {
            within!(&mut tx, |connection| {
                sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
                    .bind(*id)
                    .bind(*at)
                    .execute(connection)
                    .await?;
            });
        }
        self.commit(tx).await
    }

    pub async fn delete_api_key(&self, id: ApiKeyId) -> Result<()> {
        self.delete_by_id("DELETE FROM api_keys WHERE id = $1", id.0).await
    }

    async fn delete_by_id(&self, sql: &'static str, id: uuid::Uuid) -> Result<()> {
        let mut tx = self.db.begin().await?;
        within!(&mut tx, |connection| {
            sqlx::query(sql).bind(id).execute(connection).await?;
        });
        self.commit(tx).await
    }
}

/// Refuses a change that takes the role from the last super_admin. The update that changes nothing locks all of them,
/// so that two such changes at once wait for each other.
async fn keep_a_super_admin(tx: &mut Tx, leaving: UserId) -> Result<()> {
    const LOCK: &str = "UPDATE users SET role = role WHERE role = 'super_admin'";
    const IS_ONE: &str = "SELECT COUNT(*) FROM users WHERE role = 'super_admin' AND id = $1";
    const OTHERS: &str = "SELECT COUNT(*) FROM users WHERE role = 'super_admin' AND id <> $1";
    within!(tx, |connection| {
        sqlx::query(LOCK).execute(connection).await?;
    });
    let is_one: i64 = within!(tx, |connection| sqlx::query_scalar(IS_ONE).bind(leaving).fetch_one(connection).await?);
    let others: i64 = within!(tx, |connection| sqlx::query_scalar(OTHERS).bind(leaving).fetch_one(connection).await?);
    if is_one > 0 && others == 0 { Err(Error::LastSuperAdmin) } else { Ok(()) }
}
