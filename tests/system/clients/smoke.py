"""Uses the client that openapi-python-client generates. The first argument is the address of the service."""

import sys

from auth_client import AuthenticatedClient, Client
from auth_client.api.accounts import read_password_rules, read_profile, register_user, update_profile
from auth_client.api.sessions import list_sessions, refresh_session, sign_in
from auth_client.models import (
    PasswordRules,
    Problem,
    Refreshed,
    RefreshSessionBody,
    RegisterUserBody,
    SignedIn,
    SignInBody,
    UpdateProfileBody,
    User,
)

url = sys.argv[1]
client = Client(base_url=url)

rules = read_password_rules.sync(client=client)
assert isinstance(rules, PasswordRules) and rules.minimum_length == 12, rules

password = "four quiet lanterns"
refused = register_user.sync(
    client=client, body=RegisterUserBody(email="x", username="ab", password="short")
)
assert isinstance(refused, Problem) and refused.code == "invalid-request", refused
assert [error.pointer for error in refused.errors] == ["#/email", "#/username", "#/password"], refused

registered = register_user.sync(
    client=client,
    body=RegisterUserBody(email="py@example.com", username="pythonist", password=password),
)
assert isinstance(registered, SignedIn), registered

signed_in = sign_in.sync(client=client, body=SignInBody(identifier="pythonist", password=password))
assert isinstance(signed_in, SignedIn), signed_in
refreshed = refresh_session.sync(
    client=client, body=RefreshSessionBody(refresh_token=signed_in.tokens.refresh_token)
)
assert isinstance(refreshed, Refreshed), refreshed

caller = AuthenticatedClient(base_url=url, token=refreshed.tokens.access_token)
changed = update_profile.sync(client=caller, body=UpdateProfileBody(display_name="Py"))
assert isinstance(changed, User) and changed.version == 2, changed
profile = read_profile.sync(client=caller)
assert isinstance(profile, User) and profile.display_name == "Py", profile
assert len(list_sessions.sync(client=caller).items) == 2

stranger = read_profile.sync(client=AuthenticatedClient(base_url=url, token="x"))
assert isinstance(stranger, Problem) and stranger.status == 401, stranger
print("the client works")
