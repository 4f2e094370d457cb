"""GitHub's GraphQL, as far as we ask it: executed over a part of GitHub's public schema (types and
nullability as there).
"""

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, build_schema, graphql_sync

if TYPE_CHECKING:
    from github_double.double import GitHubDouble, Pull, Repository

SCHEMA = build_schema("""
scalar GitObjectID
scalar BigInt
type Query { repository(owner: String!, name: String!): Repository }
type Repository {
  id: ID!
  databaseId: Int
  nameWithOwner: String!
  visibility: RepositoryVisibility!
  defaultBranchRef: Ref
  collaborators(affiliation: CollaboratorAffiliation, after: String, before: String, first: Int,
    last: Int):
    RepositoryCollaboratorConnection
  object(expression: String, oid: GitObjectID): GitObject
  pullRequest(number: Int!): PullRequest
}
enum RepositoryVisibility { INTERNAL PRIVATE PUBLIC }
enum CollaboratorAffiliation { ALL DIRECT OUTSIDE }
type RepositoryCollaboratorConnection { totalCount: Int! }
interface GitObject { oid: GitObjectID! }
type Blob implements GitObject {
  oid: GitObjectID! text: String isBinary: Boolean isTruncated: Boolean! byteSize: Int!
}
type Tree implements GitObject { oid: GitObjectID! }
type Commit implements GitObject {
  oid: GitObjectID!
  file(path: String!): TreeEntry
  authors(after: String, before: String, first: Int, last: Int): GitActorConnection!
  committer: GitActor
}
type TreeEntry { oid: GitObjectID! object: GitObject }
type Ref { name: String! target: GitObject }
enum PullRequestState { OPEN CLOSED MERGED }
type PullRequest {
  state: PullRequestState!
  commits(after: String, before: String, first: Int, last: Int): PullRequestCommitConnection!
  headRefOid: GitObjectID!
  author: Actor
  changedFiles: Int!
  baseRefOid: GitObjectID!
  baseRefName: String!
  baseRef: Ref
  reviewThreads(after: String, before: String, first: Int, last: Int):
    PullRequestReviewThreadConnection!
}
type PageInfo {
  endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String
}
type PullRequestReviewThreadConnection {
  nodes: [PullRequestReviewThread]
  pageInfo: PageInfo!
  totalCount: Int!
}
type PullRequestReviewThread {
  comments(after: String, before: String, first: Int, last: Int, skip: Int):
    PullRequestReviewCommentConnection!
}
type PullRequestReviewCommentConnection { nodes: [PullRequestReviewComment] }
interface Actor { login: String! }
type Bot implements Actor { login: String! databaseId: Int }
type User implements Actor { login: String! databaseId: Int }
type Mannequin implements Actor { login: String! }
type PullRequestReviewComment {
  fullDatabaseId: BigInt
  body: String!
  author: Actor
  editor: Actor
  reactions(after: String, before: String, content: ReactionContent, first: Int, last: Int,
    orderBy: ReactionOrder)
    : ReactionConnection!
}
enum ReactionContent { CONFUSED EYES HEART HOORAY LAUGH ROCKET THUMBS_DOWN THUMBS_UP }
input ReactionOrder { direction: OrderDirection! field: ReactionOrderField! }
enum OrderDirection { ASC DESC }
enum ReactionOrderField { CREATED_AT }
scalar DateTime
type ReactionConnection {
  nodes: [Reaction] pageInfo: PageInfo! totalCount: Int! viewerHasReacted: Boolean!
}
type Reaction { content: ReactionContent! createdAt: DateTime! id: ID! user: User }
type PullRequestCommitConnection { nodes: [PullRequestCommit] pageInfo: PageInfo! totalCount: Int! }
type PullRequestCommit { commit: Commit! }
type GitActorConnection { nodes: [GitActor] pageInfo: PageInfo! totalCount: Int! }
type GitActor { email: String name: String user: User }
""")
MOST_ALIASES = 200
LARGEST_TEXT = 512_000


def graphql(
    double: "GitHubDouble", query: str, variables: dict[str, Any], by: str
) -> dict[str, Any]:
    """Execute a query as an installation."""

    def repository(_info: Any, owner: str, name: str) -> Any:
        repository = double.repositories.get(f"{owner}/{name}")
        if repository is None or (
            str(repository.installation) != by and repository.visibility != "public"
        ):
            raise GraphQLError(
                f"Could not resolve to a Repository with the name '{owner}/{name}'.",
                extensions={"type": "NOT_FOUND"},
            )
        return _Repository(repository, double)

    if query.count("object(") > MOST_ALIASES:
        return {"errors": [{"message": "Something went wrong while executing your query."}]}
    done = graphql_sync(
        SCHEMA,
        query,
        root_value=type("Root", (), {"repository": staticmethod(repository)})(),
        variable_values=variables,
    )
    answer: dict[str, Any] = {"data": done.data}
    if done.errors:
        answer["errors"] = [
            {"message": error.message, **(error.extensions or {})} for error in done.errors
        ]
        double.violations += [
            error.message for error in done.errors if not (error.extensions or {}).get("type")
        ]
    return answer


class _Repository:
    def __init__(self, repository: "Repository", double: "GitHubDouble") -> None:
        self._repository, self._double, self.id = repository, double, f"R_{repository.id}"
        self.databaseId, self.nameWithOwner = repository.id, repository.name
        self.visibility = repository.visibility.upper()
        self.defaultBranchRef = {"name": repository.default_branch}

    def collaborators(self, _info: Any, affiliation: str = "ALL", **_paging: Any) -> Any:
        if affiliation == "OUTSIDE":
            outsiders = self._repository.outsiders
            return None if outsiders is None else {"totalCount": outsiders}
        return {"totalCount": len(self._repository.collaborators)}

    def object(self, _info: Any, expression: str | None = None, oid: str | None = None) -> Any:
        git = self._repository.git
        name = oid or expression or ""
        sha = git(
            "rev-parse",
            "--verify",
            "--quiet",
            name.replace("HEAD:", f"{self._repository.default_branch}:"),
        ).strip()
        kind = git("cat-file", "-t", sha).strip() if sha else ""
        if kind == "blob":
            text = git("cat-file", "blob", sha)
            binary = "\0" in text
            large = len(text) > LARGEST_TEXT
            return {
                "__typename": "Blob",
                "oid": sha,
                "text": None if binary else text[:LARGEST_TEXT],
                "isBinary": binary,
                "isTruncated": large,
                "byteSize": len(text.encode()),
            }
        if kind == "commit":
            return {
                "__typename": "Commit",
                "oid": sha,
                "file": lambda _info, path: self._entry(sha, path),
            }
        return {"__typename": "Tree", "oid": sha} if kind == "tree" else None

    def _entry(self, commit: str, path: str) -> Any:
        blob = self.object(None, f"{commit}:{path}")
        return {"oid": blob["oid"], "object": blob} if blob else None

    def pullRequest(self, _info: Any, number: int) -> Any:  # noqa: N802 - GitHub's name
        pull = self._double.pulls.get((self._repository.name, number))
        if pull is None:
            raise GraphQLError(
                f"Could not resolve to a PullRequest with the number of {number}.",
                extensions={"type": "NOT_FOUND"},
            )
        state = "OPEN" if pull.state == "open" else "MERGED" if pull.merged else "CLOSED"
        author = {"__typename": "User", "login": pull.author}
        ref = (
            {"name": pull.base, "target": self.object(_info, pull.base_sha)}
            if pull.base_sha
            else None
        )
        return {
            "state": state,
            "headRefOid": pull.head,
            "baseRefOid": pull.base_then,
            "baseRefName": pull.base,
            "baseRef": ref,
            "author": author,
            "commits": lambda _info, **asked: _page(_commits(pull), **asked),
            "changedFiles": pull.changed_files or _count(pull),
            "reviewThreads": lambda _info, **page: _page(_threads(pull), **page),
        }


def _count(pull: "Pull") -> int:
    start = pull.repository.git("merge-base", pull.base, pull.head).strip()
    return len(pull.repository.git("diff", "--name-only", "-M", start, pull.head).splitlines())


MOST_A_PAGE = 100


def _page(
    items: list[Any],
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> dict[str, Any]:
    """A connection is read from one of its ends, at most a hundred at a time.

    https://docs.github.com/en/graphql/guides/using-pagination-in-the-graphql-api
    """
    size = first if first is not None else last
    if size is None:
        raise GraphQLError(
            "You must provide a `first` or `last` value to properly paginate the connection."
        )
    if size > MOST_A_PAGE:
        raise GraphQLError(
            f"Requesting {size} records on the connection exceeds "
            f"the limit of {MOST_A_PAGE} records."
        )
    begin = int(after) + 1 if after else 0
    end = int(before) if before else len(items)
    low, high = (
        (begin, min(begin + size, end)) if first is not None else (max(begin, end - size), end)
    )
    pages = {
        "hasPreviousPage": low > 0,
        "hasNextPage": high < len(items),
        "startCursor": str(low),
        "endCursor": str(high - 1),
    }
    return {"nodes": items[low:high], "pageInfo": pages, "totalCount": len(items)}


def _threads(pull: "Pull") -> list[dict[str, Any]]:
    return [
        {"comments": {"nodes": [_comment(comment)]}}
        for comment in pull.comments
        if not comment.get("in_reply_to_id")
    ]


def _comment(comment: dict[str, Any]) -> dict[str, Any]:
    return {
        "fullDatabaseId": str(comment["id"]),
        "body": comment["body"],
        "author": _actor(comment["user"]),
        "editor": _actor(comment.get("editor")),
        "reactions": lambda _info, **asked: _reactions(comment, **asked),
    }


CONTENTS = {"-1": "THUMBS_DOWN", "+1": "THUMBS_UP", "eyes": "EYES"}


def _reactions(
    comment: dict[str, Any],
    content: str | None = None,
    orderBy: Any = None,  # noqa: N803 - GitHub's name
    **asked: Any,
) -> dict[str, Any]:
    """``user`` is null for who is no user, such as an App. In the order asked for: GitHub promises
    none without.
    """
    rows = [
        row for row in comment.get("reacted_by", ()) if content in (None, CONTENTS[row["content"]])
    ]
    rows.sort(key=lambda row: row["at"], reverse=orderBy is None or orderBy["direction"] == "DESC")
    nodes = [
        {
            "id": f"R_{row['at']}",
            "content": CONTENTS[row["content"]],
            "createdAt": f"2026-01-01T00:00:00.{row['at']:09}Z",
            "user": None if row["login"].endswith("[bot]") else {"login": row["login"]},
        }
        for row in rows
    ]
    return {**_page(nodes, **asked), "viewerHasReacted": False}


def _commits(pull: "Pull") -> list[dict[str, Any]]:
    """Oldest first. The git author comes first, then those of the ``Co-authored-by`` lines."""
    coauthors = "%(trailers:key=Co-authored-by,valueonly,separator=%x1d)"
    form = f"%H%x1f%an%x1f%ae%x1f%cn%x1f%ce%x1f{coauthors}%x1e"
    listed = pull.repository.git(
        "log", "--reverse", f"--format={form}", f"{pull.base}..{pull.head}"
    )
    rows = [row.strip("\n").split("\x1f") for row in listed.split("\x1e") if row.strip()]
    return [{"commit": _commit(pull, *row)} for row in rows]


def _commit(
    pull: "Pull", oid: str, name: str, email: str, by: str, by_email: str, others: str
) -> dict[str, Any]:
    users = pull.repository.double.emails

    def actor(name: str, email: str) -> dict[str, Any]:
        return {
            "name": name,
            "email": email,
            "user": {"login": users[email]} if email in users else None,
        }

    people = [actor(name, email)]
    for line in filter(None, others.split("\x1d")):
        other, _, address = line.rstrip(">").rpartition(" <")
        people.append(actor(other, address))
    return {
        "oid": oid,
        "authors": lambda _info, **asked: _page(people, **asked),
        "committer": actor(by, by_email),
    }


def _actor(user: dict[str, Any] | None) -> dict[str, Any] | None:
    """GraphQL names a bot without the ending that REST gives it."""
    if user is None:
        return None
    login = user["login"].removesuffix("[bot]")
    return {"__typename": user["type"], "login": login, "databaseId": user.get("id")}
