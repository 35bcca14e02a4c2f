// The clients of both providers, as they are registered (RFC 7591 §2).
export function prepare({ issuer, clients, hears }) {
  const redirect = "http://127.0.0.1:9/back";
  const after = "http://127.0.0.1:9/after";
  const registered = {
    web: {
      ...clients.web,
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba"],
      redirect_uris: [redirect],
      post_logout_redirect_uris: [after],
      backchannel_logout_uri: `${hears}/logout`,
      backchannel_logout_session_required: true,
      backchannel_token_delivery_mode: "poll",
    },
    keyed: {
      ...clients.keyed,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      grant_types: ["authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba"],
      redirect_uris: [redirect],
      backchannel_token_delivery_mode: "ping",
      backchannel_client_notification_endpoint: `${hears}/ping`,
    },
    device: {
      ...clients.device,
      token_endpoint_auth_method: "none",
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code"],
      redirect_uris: [],
    },
  };
  return { issuer, redirect, after, clients: registered };
}
