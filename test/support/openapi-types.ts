/** Written by npm run openapi. */
export interface paths {
    "/api/next": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a key
         * @description By the service's policy, within the limits. The delivery is on disk before the key leaves; a refusal consumes nothing.
         */
        get: operations["nextKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/next.php": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The same, where clients of the original guide ask
         * @description By the service's policy, within the limits. The delivery is on disk before the key leaves; a refusal consumes nothing.
         */
        get: operations["nextKeyPhp"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report what became of a key
         * @description Once for each delivery. A key that is `rate_limited` cools, and others serve in its place; one that is `unauthorized` three times in a row, in two networks and, where more than one caller uses the service, for two callers, is quarantined, unless it is the last one; `ok` resets what was held against it, and `error` holds nothing against it.
         */
        post: operations["reportKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tenants
         * @description For root, who may list, make, suspend and delete tenants.
         */
        get: operations["listTenants"];
        put?: never;
        /**
         * Make a tenant
         * @description The answer has its client token, which is shown this once.
         *
         *     For root, who may list, make, suspend and delete tenants.
         */
        post: operations["createTenant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a tenant
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getTenant"];
        put?: never;
        post?: never;
        /**
         * Delete a tenant with everything in it
         * @description The key that its secrets are sealed under goes first of all. A backup still has them.
         *
         *     For root, who may list, make, suspend and delete tenants.
         */
        delete: operations["deleteTenant"];
        options?: never;
        head?: never;
        /**
         * Change a tenant
         * @description Only root changes `status` and `demo`.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateTenant"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/client-token/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new client token
         * @description The old one serves on for the grace. It is what to do when the token was lost.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["rotateClientToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the services of a tenant
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listServices"];
        put?: never;
        /**
         * Make a service
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a service
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getService"];
        put?: never;
        post?: never;
        /**
         * Delete a service with its keys
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteService"];
        options?: never;
        head?: never;
        /**
         * Change a service
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateService"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make the next key the current one
         * @description Or the key that `to_key_id` names. It is a 409 where no other key is usable, or the policy has no current key (`usage`, `failover`).
         *
         *     For root, owner, admin, and operator, who may make the next key of a service the current one.
         */
        post: operations["rotateService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who got which key, and when
         * @description Newest first.
         *
         *     For root, owner, admin, operator, and auditor, who may read deliveries.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the keys of a service
         * @description Masked: no answer has a key in clear.
         *
         *     For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listKeys"];
        put?: never;
        /**
         * Add a key
         * @description Under `manual` and `time` the first key is current at once and the others stand by; under `usage` and `failover` all are active.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add many keys at once
         * @description Up to 64 MiB. Beyond 256 KiB one is taken at a time of a tenant, and two in all; the next one is a 429 with `Retry-After`. A row that is wrong, or a key that is there already, is reported and leaves the others alone; a body that is no UTF-8 adds nothing. CSV has a header line that names `label`, `key` and any of `weight`, `position`, `max_daily_requests`, `expires_at` and `bucket`.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["importKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a key
         * @description Masked: no answer has a key in clear.
         *
         *     For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /**
         * Delete a key
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        /**
         * Change a key
         * @description All but the key itself: for a new one add a key and rotate to it.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateKey"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a key out of service
         * @description For root, owner, admin, and operator, who may enable and disable keys and apps.
         */
        post: operations["disableKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/burn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Burn a key: it is never handed out again
         * @description For a key that has leaked. The service moves on to the next one, and the answer lists everybody who was ever handed this one unmasked: no delivery that was under way is missing from it. A burned key cannot be enabled again.
         *
         *     For root, owner, admin, and operator, who may burn keys.
         */
        post: operations["burnKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/holders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who holds a key
         * @description Every app and address that was ever handed the key unmasked, as long as there is the key. Once it is handed out no more, each with the newest other key of the service that it was given since. When a key that is retiring or burned has nobody left who was not given another one, `drained` says so, within ten seconds.
         *
         *     For root, owner, admin, operator, and auditor, who may read deliveries.
         */
        get: operations["listHolders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/services/{service}/keys/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bring a key back
         * @description For root, owner, admin, and operator, who may enable and disable keys and apps.
         */
        post: operations["enableKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the apps of a tenant
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listApps"];
        put?: never;
        /**
         * Make an app
         * @description It reaches no service until `services` or `groups` name some. The answer has its token, which is shown this once.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an app
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getApp"];
        put?: never;
        post?: never;
        /**
         * Delete an app
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteApp"];
        options?: never;
        head?: never;
        /**
         * Change an app
         * @description Where it turns `require_signature` on, the answer has its secret, which is shown this once.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateApp"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}/rotate-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new token for an app
         * @description The old one serves on for the grace.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["rotateAppToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}/rotate-signing-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new signing secret for an app
         * @description The old one is valid on for the grace. It is a 409 where the app wants no signatures.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["rotateSigningSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Switch an app off
         * @description For root, owner, admin, and operator, who may enable and disable keys and apps.
         */
        post: operations["disableApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Switch an app on
         * @description For root, owner, admin, and operator, who may enable and disable keys and apps.
         */
        post: operations["enableApp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/apps/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Deliveries and refusals of an app over time
         * @description For root, owner, admin, operator, viewer, and auditor, who may read usage.
         */
        get: operations["showAppUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the groups of a tenant
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listGroups"];
        put?: never;
        /**
         * Make a group of services
         * @description An app in it reaches its services, from the next request on.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/groups/{group}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a group
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getGroup"];
        put?: never;
        post?: never;
        /**
         * Delete a group
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        /**
         * Change a group, and with it what its apps reach
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateGroup"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the webhooks of a tenant
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Make a webhook
         * @description The answer has the secret that signs its messages, which is shown this once. A tenant has at most 50.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show a webhook
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook
         * @description What it was yet to be told is not sent.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a new secret for a webhook
         * @description Messages are signed with the old one, too, for the grace: a day unless it says otherwise.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a webhook.test to a webhook
         * @description To this one alone, whatever it has subscribed to; one that is switched off is a 409.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a webhook was sent
         * @description Every attempt, newest first: at least the last 1000 of those that are no older than deliveries may be. Of deliveries that come faster than they are sent and are taken at once, one in 32.
         *
         *     For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/webhooks/{id}/deliveries/{delivery}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an event to a webhook again
         * @description Under the same id, whatever became of it before. A 404 where the event is no longer on record; a webhook that is switched off is a 409.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["replayWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/emails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the addresses that hear of events by mail
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["listEmails"];
        put?: never;
        /**
         * Have an address hear of events by mail
         * @description At most one mail a minute, which tells of everything since the one before. It is a 409 where the operator has not set up mail.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        post: operations["createEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/emails/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an address
         * @description For root, owner, admin, operator, and viewer, who may read the tenant, its services, keys, apps, groups, webhooks and emails.
         */
        get: operations["getEmail"];
        put?: never;
        post?: never;
        /**
         * Delete an address
         * @description What it was yet to be told is not sent.
         *
         *     For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        delete: operations["deleteEmail"];
        options?: never;
        head?: never;
        /**
         * Change an address
         * @description For root, owner, and admin, who may change the name, the addresses and the suspicion of the tenant; make, change and delete services, keys, apps, groups, webhooks and emails; rotate tokens and secrets.
         */
        patch: operations["updateEmail"];
        trace?: never;
    };
    "/admin/v1/whoami": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose token this is
         * @description For root, owner, admin, operator, viewer, and auditor, who may see who a token belongs to.
         */
        get: operations["whoami"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/admin-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the admin tokens of root
         * @description For root, who may manage the admin tokens of root.
         */
        get: operations["listRootTokens"];
        put?: never;
        /**
         * Make an admin token of root
         * @description No token makes one that lasts longer than itself, or that reaches from more addresses. The answer has the token, which is shown this once.
         *
         *     For root, who may manage the admin tokens of root.
         */
        post: operations["createRootToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/admin-tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an admin token of root
         * @description For root, who may manage the admin tokens of root.
         */
        get: operations["getRootToken"];
        put?: never;
        post?: never;
        /**
         * Delete an admin token of root
         * @description It opens nothing from the next request on. That of the configuration is replaced by `npm run root-token`, and not deleted.
         *
         *     For root, who may manage the admin tokens of root.
         */
        delete: operations["deleteRootToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/admin-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the admin tokens of a tenant
         * @description For root and owner, who may manage the admin tokens of a tenant.
         */
        get: operations["listAdminTokens"];
        put?: never;
        /**
         * Make an admin token of a tenant
         * @description No token makes one that lasts longer than itself, or that reaches from more addresses. The answer has the token, which is shown this once.
         *
         *     For root and owner, who may manage the admin tokens of a tenant.
         */
        post: operations["createAdminToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/admin-tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show an admin token of a tenant
         * @description For root and owner, who may manage the admin tokens of a tenant.
         */
        get: operations["getAdminToken"];
        put?: never;
        post?: never;
        /**
         * Delete an admin token of a tenant
         * @description It opens nothing from the next request on. The last owner of a tenant whose token has not expired cannot be deleted.
         *
         *     For root and owner, who may manage the admin tokens of a tenant.
         */
        delete: operations["deleteAdminToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Deliveries and refusals of a tenant over time
         * @description Until now, unless `to` says otherwise, and since the last hour by the minute, the last day by the hour or the last 30 days by the day, unless `from` does. More than 1,500 buckets or 10,000 rows are a 400 that says which granularity to take.
         *
         *     A service, app or key that the tenant does not have is a 404. An app or a key that was deleted is still answered for by its id, as long as usage of it is known; a service is found by its slug, which may be given to another, and not after its deletion.
         *
         *     For root, owner, admin, operator, viewer, and auditor, who may read usage.
         */
        get: operations["showUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who changed what
         * @description Newest first, and never a secret.
         *
         *     For root, owner, admin, and auditor, who may read and export the audit trail.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/tenants/{tenant}/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit trail as a file
         * @description What there was when it began, oldest first. In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe.
         *
         *     For root, owner, admin, and auditor, who may read and export the audit trail.
         */
        get: operations["exportAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who changed what in the whole vault
         * @description What root did for itself, what was done in every tenant, and in those that are deleted. Newest first, and never a secret.
         *
         *     For root, who may read and export the audit trail of the whole vault, of root and deleted tenants, too.
         */
        get: operations["listVaultAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The audit trail of the whole vault as a file
         * @description As that of a tenant. In CSV and Parquet `tenant` is the last column.
         *
         *     For root, who may read and export the audit trail of the whole vault, of root and deleted tenants, too.
         */
        get: operations["exportVaultAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process lives */
        get: operations["isAlive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether it can serve */
        get: operations["isReady"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus, which name no tenant */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "key.delivered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key was delivered */
        post: operations["onKeyDelivered"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.cooling": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key cools, as clients report that its provider limits it */
        post: operations["onKeyCooling"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.recovered": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key that cooled serves again */
        post: operations["onKeyRecovered"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.refused": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Clients report that the provider refuses a key, too few of them to take it out of service */
        post: operations["onKeyRefused"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.quarantined": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key was taken out of service, as clients report that its provider refuses it */
        post: operations["onKeyQuarantined"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.expiring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key ends within a week, or within a day */
        post: operations["onKeyExpiring"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "service.limit_warning": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A service comes near its daily limit */
        post: operations["onServiceLimitWarning"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.rotated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Another key of a service is current */
        post: operations["onKeyRotated"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.expired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key has expired */
        post: operations["onKeyExpired"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.burned": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key was burned */
        post: operations["onKeyBurned"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.drained": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Everybody who held a key that is handed out no more has been given another one */
        post: operations["onKeyDrained"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "key.decrypt_failed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A key could not be decrypted, and is left out */
        post: operations["onKeyDecryptFailed"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "service.limit_reached": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A service has reached its daily limit */
        post: operations["onServiceLimitReached"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "service.no_active_keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A service has no key to hand out */
        post: operations["onServiceNoActiveKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.disabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Another webhook of the tenant was switched off */
        post: operations["onWebhookDisabled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.events_lost": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The webhook will not hear of what was removed, being too old */
        post: operations["onWebhookEventsLost"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "service.last_key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A service is left with one key, or its last one is reported not to work */
        post: operations["onServiceLastKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "app.limit_reached": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An app has reached its daily limit */
        post: operations["onAppLimitReached"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "app.token_rotated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An app has a new token */
        post: operations["onAppTokenRotated"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "app.token_expiring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An app ends within a week, or within a day */
        post: operations["onAppTokenExpiring"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "app.disabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** An app was switched off */
        post: operations["onAppDisabled"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "access.suspicious": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Somebody uses a token as it is not used */
        post: operations["onAccessSuspicious"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "webhook.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Somebody tries the webhook */
        post: operations["onWebhookTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        Report: {
            /** @description That of the delivery by which you got the key. */
            delivery_id: string;
            /**
             * @description `ok`: the provider took it. `rate_limited`: it is used too much (429). `unauthorized`: the provider does not take it (401, 403). `error`: anything else, as a 5xx, a time-out or a bad request.
             * @enum {string}
             */
            outcome: "ok" | "rate_limited" | "unauthorized" | "error";
            /** @description What the provider answered, for the audit trail. */
            status?: number;
            /** @description The provider's `Retry-After`; more than an hour counts as an hour. */
            retry_after_seconds?: number;
        };
        NewTenant: {
            slug: string;
            name?: string;
            /**
             * @description Keys are always masked, and deliveries throttled. Only root changes it.
             * @default false
             */
            demo?: boolean;
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            allowed_ips?: string[];
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            denied_ips?: string[];
            /**
             * @description What `access.suspicious` tells of. What is left out is as usual; PATCH merges.
             * @default {}
             */
            suspicion?: {
                /** @description An app from an address that it never used. */
                new_address?: boolean;
                /** @description An app that is delivered so many times as much in an hour as usual; null is never. */
                rate_factor?: number | null;
                /** @description So many refusals a minute of an app, or from a network; null is never. */
                refusals_per_minute?: number | null;
            };
            /**
             * @description `suspended` refuses all of its tokens. Only root changes it.
             * @default active
             * @enum {string}
             */
            status?: "active" | "suspended";
        };
        TenantPatch: {
            name?: string;
            /** @description Keys are always masked, and deliveries throttled. Only root changes it. */
            demo?: boolean;
            /** @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing. */
            allowed_ips?: string[];
            /** @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing. */
            denied_ips?: string[];
            /** @description What `access.suspicious` tells of. What is left out is as usual; PATCH merges. */
            suspicion?: {
                /** @description An app from an address that it never used. */
                new_address?: boolean;
                /** @description An app that is delivered so many times as much in an hour as usual; null is never. */
                rate_factor?: number | null;
                /** @description So many refusals a minute of an app, or from a network; null is never. */
                refusals_per_minute?: number | null;
            };
            /**
             * @description `suspended` refuses all of its tokens. Only root changes it.
             * @enum {string}
             */
            status?: "active" | "suspended";
        };
        Grace: {
            /**
             * @description How long what is replaced goes on being valid.
             * @default 0
             */
            grace_seconds?: number;
        };
        NewService: {
            slug: string;
            name?: string;
            /**
             * @default manual
             * @enum {string}
             */
            policy?: "manual" | "time" | "usage" | "failover";
            /**
             * @description How long a turn lasts. Of the policy `time` alone, which needs this or a `rotation_schedule`.
             * @default null
             */
            rotate_every_minutes?: number | null;
            /**
             * @description What becomes of a key whose turn under `time` is over: `retire` ends it, `cycle` keeps it for another turn.
             * @default retire
             * @enum {string}
             */
            on_expiry?: "retire" | "cycle";
            /**
             * @description When turns end: a cron expression of five fields, read in the `timezone`. Of the policy `time` alone; with `rotate_every_minutes` beside it, a turn ends by whichever comes first.
             * @default null
             */
            rotation_schedule?: string | null;
            /**
             * @description Of the limit day and of the `rotation_schedule`.
             * @default UTC
             */
            timezone?: string;
            /**
             * @description When the limit day begins. A change takes effect at the next reset.
             * @default 00:00
             */
            day_resets_at?: string;
            /**
             * @description Deliveries in a limit day, 1 or more; null is no limit.
             * @default null
             */
            max_daily_requests?: number | null;
            /**
             * @description At how many per cent of the daily limit `service.limit_warning` comes; null is never.
             * @default 80
             */
            warn_at_percent?: number | null;
            /**
             * @description How long a client may use a key before it asks again.
             * @default 0
             */
            max_age_seconds?: number;
            /** @default true */
            enabled?: boolean;
        };
        ServicePatch: {
            name?: string;
            /** @enum {string} */
            policy?: "manual" | "time" | "usage" | "failover";
            /** @description How long a turn lasts. Of the policy `time` alone, which needs this or a `rotation_schedule`. */
            rotate_every_minutes?: number | null;
            /**
             * @description What becomes of a key whose turn under `time` is over: `retire` ends it, `cycle` keeps it for another turn.
             * @enum {string}
             */
            on_expiry?: "retire" | "cycle";
            /** @description When turns end: a cron expression of five fields, read in the `timezone`. Of the policy `time` alone; with `rotate_every_minutes` beside it, a turn ends by whichever comes first. */
            rotation_schedule?: string | null;
            /** @description Of the limit day and of the `rotation_schedule`. */
            timezone?: string;
            /** @description When the limit day begins. A change takes effect at the next reset. */
            day_resets_at?: string;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests?: number | null;
            /** @description At how many per cent of the daily limit `service.limit_warning` comes; null is never. */
            warn_at_percent?: number | null;
            /** @description How long a client may use a key before it asks again. */
            max_age_seconds?: number;
            enabled?: boolean;
        };
        Rotate: {
            /** @description Default: the next key by `position`, round and round. */
            to_key_id?: number;
            /**
             * @description The old key is `retiring` for the grace and `retired` after it; else it stands by.
             * @default false
             */
            retire_old?: boolean;
            /**
             * @description How long the old key is `retiring`: with `retire_old` alone, else it is refused.
             * @default 0
             */
            grace_seconds?: number;
            reason?: string;
        };
        NewKey: {
            label: string;
            /** @description Goes in and never comes out. */
            key: string;
            /**
             * @description Its share under `usage`.
             * @default 1
             */
            weight?: number;
            /** @description Default: behind the last key of the service. */
            position?: number;
            /**
             * @description Deliveries in a limit day, 1 or more; null is no limit.
             * @default null
             */
            max_daily_requests?: number | null;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            /**
             * @description What keys of one account at the provider share: within a service, they cool together.
             * @default null
             */
            bucket?: string | null;
            /** @default {} */
            tags?: {
                [key: string]: string;
            };
        };
        KeyPatch: {
            label?: string;
            /** @description Its share under `usage`. */
            weight?: number;
            position?: number;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests?: number | null;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            /** @description What keys of one account at the provider share: within a service, they cool together. */
            bucket?: string | null;
            /** @description Merged by RFC 7396: a null takes one away, and null for all of them takes away all. */
            tags?: {
                [key: string]: string | null;
            } | null;
        };
        Disabling: {
            reason: string;
            /** @description It is enabled again after so long. */
            auto_enable_after_seconds?: number;
        };
        Burning: {
            reason: string;
        };
        Nothing: Record<string, never>;
        NewApp: {
            name: string;
            /** @default  */
            description?: string;
            /** @default  */
            environment?: string;
            /** @default {} */
            tags?: {
                [key: string]: string;
            };
            /**
             * @description The slugs that it may reach, or `all`.
             * @default []
             */
            services?: "all" | string[];
            /**
             * @description Groups whose services it reaches, too.
             * @default []
             */
            groups?: string[];
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            allowed_ips?: string[];
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            denied_ips?: string[];
            /**
             * @description `scheme://host[:port]`, where the leftmost label may be `*`.
             * @default []
             */
            allowed_origins?: string[];
            /**
             * @description URLs whose path may end in `*`.
             * @default []
             */
            allowed_referrers?: string[];
            /**
             * @description `*` stands for any run of characters.
             * @default []
             */
            allowed_user_agents?: string[];
            /**
             * @description Codes of ISO 3166-1, and `ZZ` for a client whose country is not known.
             * @default []
             */
            blocked_countries?: string[];
            /**
             * @description By the connection, or by what a trusted proxy says in `X-Forwarded-Proto`.
             * @default false
             */
            require_https?: boolean;
            /**
             * @description Its requests are to be signed, each with a nonce of its own.
             * @default false
             */
            require_signature?: boolean;
            /**
             * @description Deliveries in a limit day, 1 or more; null is no limit.
             * @default null
             */
            max_daily_requests?: number | null;
            /**
             * @description How often it gets a key. A member that is null or left out is no limit; PATCH merges.
             * @default null
             */
            rate_limit?: {
                /** @description By each replica for itself. */
                per_second?: number | null;
                /** @description Exact, in each minute of UTC's clock. */
                per_minute?: number | null;
                /** @description Exact, in each hour of UTC's clock. */
                per_hour?: number | null;
                /** @description How many at once under `per_second`; null: as many as in a second. */
                burst?: number | null;
            } | null;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            /** @default true */
            enabled?: boolean;
        };
        AppPatch: {
            name?: string;
            description?: string;
            environment?: string;
            tags?: {
                [key: string]: string;
            };
            /** @description The slugs that it may reach, or `all`. */
            services?: "all" | string[];
            /** @description Groups whose services it reaches, too. */
            groups?: string[];
            /** @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing. */
            allowed_ips?: string[];
            /** @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing. */
            denied_ips?: string[];
            /** @description `scheme://host[:port]`, where the leftmost label may be `*`. */
            allowed_origins?: string[];
            /** @description URLs whose path may end in `*`. */
            allowed_referrers?: string[];
            /** @description `*` stands for any run of characters. */
            allowed_user_agents?: string[];
            /** @description Codes of ISO 3166-1, and `ZZ` for a client whose country is not known. */
            blocked_countries?: string[];
            /** @description By the connection, or by what a trusted proxy says in `X-Forwarded-Proto`. */
            require_https?: boolean;
            /** @description Its requests are to be signed, each with a nonce of its own. */
            require_signature?: boolean;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests?: number | null;
            /** @description How often it gets a key. A member that is null or left out is no limit; PATCH merges. */
            rate_limit?: {
                /** @description By each replica for itself. */
                per_second?: number | null;
                /** @description Exact, in each minute of UTC's clock. */
                per_minute?: number | null;
                /** @description Exact, in each hour of UTC's clock. */
                per_hour?: number | null;
                /** @description How many at once under `per_second`; null: as many as in a second. */
                burst?: number | null;
            } | null;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            enabled?: boolean;
        };
        NewGroup: {
            slug: string;
            name?: string;
            /**
             * @description Their slugs.
             * @default []
             */
            services?: string[];
        };
        GroupPatch: {
            name?: string;
            /** @description Their slugs. */
            services?: string[];
        };
        NewWebhook: {
            /** @description https on a public address, or an address that the operator listed. */
            url: string;
            /** @description `*` is all but `key.delivered`, which must be named. */
            events: ("*" | "key.delivered" | "key.cooling" | "key.recovered" | "key.refused" | "key.quarantined" | "key.expiring" | "service.limit_warning" | "key.rotated" | "key.expired" | "key.burned" | "key.drained" | "key.decrypt_failed" | "service.limit_reached" | "service.no_active_keys" | "webhook.disabled" | "webhook.events_lost" | "service.last_key" | "app.limit_reached" | "app.token_rotated" | "app.token_expiring" | "app.disabled" | "access.suspicious" | "webhook.test")[];
            /**
             * @description Deliveries come together: a message has up to 1000, or what came in a second.
             * @default false
             */
            batch?: boolean;
            /** @default  */
            description?: string;
            /** @default true */
            enabled?: boolean;
        };
        WebhookPatch: {
            /** @description https on a public address, or an address that the operator listed. */
            url?: string;
            /** @description `*` is all but `key.delivered`, which must be named. */
            events?: ("*" | "key.delivered" | "key.cooling" | "key.recovered" | "key.refused" | "key.quarantined" | "key.expiring" | "service.limit_warning" | "key.rotated" | "key.expired" | "key.burned" | "key.drained" | "key.decrypt_failed" | "service.limit_reached" | "service.no_active_keys" | "webhook.disabled" | "webhook.events_lost" | "service.last_key" | "app.limit_reached" | "app.token_rotated" | "app.token_expiring" | "app.disabled" | "access.suspicious" | "webhook.test")[];
            /** @description Deliveries come together: a message has up to 1000, or what came in a second. */
            batch?: boolean;
            description?: string;
            enabled?: boolean;
        };
        WebhookSecretGrace: {
            /** @default 86400 */
            grace_seconds?: number;
        };
        NewEmail: {
            /** Format: email */
            address: string;
            /** @description `*` is all of them. */
            events: ("*" | "key.cooling" | "key.recovered" | "key.refused" | "key.quarantined" | "key.expiring" | "service.limit_warning" | "key.rotated" | "key.expired" | "key.burned" | "key.drained" | "key.decrypt_failed" | "service.limit_reached" | "service.no_active_keys" | "webhook.disabled" | "webhook.events_lost" | "service.last_key" | "app.limit_reached" | "app.token_rotated" | "app.token_expiring" | "app.disabled" | "access.suspicious")[];
            /** @default  */
            description?: string;
            /** @default true */
            enabled?: boolean;
        };
        EmailPatch: {
            /** Format: email */
            address?: string;
            /** @description `*` is all of them. */
            events?: ("*" | "key.cooling" | "key.recovered" | "key.refused" | "key.quarantined" | "key.expiring" | "service.limit_warning" | "key.rotated" | "key.expired" | "key.burned" | "key.drained" | "key.decrypt_failed" | "service.limit_reached" | "service.no_active_keys" | "webhook.disabled" | "webhook.events_lost" | "service.last_key" | "app.limit_reached" | "app.token_rotated" | "app.token_expiring" | "app.disabled" | "access.suspicious")[];
            description?: string;
            enabled?: boolean;
        };
        NewRootToken: {
            /** @description Who holds it: the audit trail has it. */
            name: string;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            allowed_ips?: string[];
            /**
             * @default root
             * @constant
             */
            role?: "root";
        };
        NewAdminToken: {
            /** @description Who holds it: the audit trail has it. */
            name: string;
            /** @description An RFC 3339 time in the future; null is never. */
            expires_at?: string | null;
            /**
             * @description Addresses and CIDR blocks, IPv4 and IPv6; an empty list restricts nothing.
             * @default []
             */
            allowed_ips?: string[];
            /** @enum {string} */
            role: "owner" | "admin" | "operator" | "viewer" | "auditor";
        };
        Mistake: {
            /** @description A JSON pointer (RFC 6901) to the member that is wrong. */
            pointer: string;
            /** @description What it has to be. */
            detail: string;
        };
        DeliveredKey: {
            service: string;
            key_label: string;
            key: string;
            masked: boolean;
            /** @enum {string} */
            policy: "manual" | "time" | "usage" | "failover";
            limits: {
                /** @description Of the service; null is no limit. */
                max_daily_requests: number | null;
            };
            meta: {
                key_id: number;
                /** @description Its number among the service's deliveries of the day. */
                usage_today: number;
                /** @description Its number among the key's deliveries of the day. */
                key_usage_today: number;
                delivery_id: string;
                /** @description When the key stops being handed out, where that is known. */
                expires_at: string | null;
                /** @description You may go on using the key for so long before you ask again. */
                max_age_seconds: number;
            };
        };
        Reported: {
            key_id: number;
            /** @enum {string} */
            state: "standby" | "active" | "retiring" | "retired" | "expired" | "disabled" | "quarantined" | "burned" | "cooling";
            /** @description When a key that cools is back. */
            cooling_until: string | null;
        };
        TenantList: {
            data: components["schemas"]["Tenant"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Tenant: {
            id: number;
            slug: string;
            name: string;
            /** @description Keys are always masked, and deliveries throttled. Only root changes it. */
            demo: boolean;
            allowed_ips: string[];
            denied_ips: string[];
            suspicion: {
                /** @description An app from an address that it never used. */
                new_address: boolean;
                /** @description An app that is delivered so many times as much in an hour as usual; null is never. */
                rate_factor: number | null;
                /** @description So many refusals a minute of an app, or from a network; null is never. */
                refusals_per_minute: number | null;
            };
            /**
             * @description `suspended` refuses all of its tokens. Only root changes it.
             * @enum {string}
             */
            status: "active" | "suspended";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        MadeTenant: {
            id: number;
            slug: string;
            name: string;
            /** @description Keys are always masked, and deliveries throttled. Only root changes it. */
            demo: boolean;
            allowed_ips: string[];
            denied_ips: string[];
            suspicion: {
                /** @description An app from an address that it never used. */
                new_address: boolean;
                /** @description An app that is delivered so many times as much in an hour as usual; null is never. */
                rate_factor: number | null;
                /** @description So many refusals a minute of an app, or from a network; null is never. */
                refusals_per_minute: number | null;
            };
            /**
             * @description `suspended` refuses all of its tokens. Only root changes it.
             * @enum {string}
             */
            status: "active" | "suspended";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Shown this once. */
            client_token: string;
        };
        NewClientToken: {
            /** @description Shown this once. */
            client_token: string;
            /** Format: date-time */
            previous_valid_until: string;
        };
        ServiceList: {
            data: components["schemas"]["Service"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Service: {
            id: number;
            slug: string;
            name: string;
            /** @enum {string} */
            policy: "manual" | "time" | "usage" | "failover";
            /** @description How long a turn lasts. Of the policy `time` alone, which needs this or a `rotation_schedule`. */
            rotate_every_minutes: number | null;
            /**
             * @description What becomes of a key whose turn under `time` is over: `retire` ends it, `cycle` keeps it for another turn.
             * @enum {string}
             */
            on_expiry: "retire" | "cycle";
            rotation_schedule: string | null;
            timezone: string;
            day_resets_at: string;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            /** @description At how many per cent of the daily limit `service.limit_warning` comes; null is never. */
            warn_at_percent: number | null;
            /** @description How long a client may use a key before it asks again. */
            max_age_seconds: number;
            enabled: boolean;
            current_key_id: number | null;
            /** @description Deliveries in the limit day that is running. */
            usage_today: number;
            /** @description How many keys it has, in whatever state. */
            keys: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        Rotation: {
            /** @description Null where no key was current. */
            from_key_id: number | null;
            to_key_id: number;
        };
        DeliveryList: {
            data: components["schemas"]["Delivery"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Delivery: {
            delivery_id: string;
            /** Format: date-time */
            at: string;
            key_id: number;
            /** @description Null for the client token. */
            app_id: number | null;
            ip: string;
            masked: boolean;
            /** @description Its number in the limit day of the service. */
            usage_today: number;
        };
        KeyList: {
            data: components["schemas"]["Key"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Key: {
            id: number;
            label: string;
            /** @enum {string} */
            state: "standby" | "active" | "retiring" | "retired" | "expired" | "disabled" | "quarantined" | "burned" | "cooling";
            current: boolean;
            weight: number;
            position: number;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            expires_at: string | null;
            bucket: string | null;
            tags: {
                [key: string]: string;
            };
            activated_at: string | null;
            retires_at: string | null;
            /** @description When everybody who held a key that is retiring or burned had been given another one. */
            drained_at: string | null;
            /** @description Why it was disabled or burned. */
            disabled_reason: string | null;
            auto_enable_at: string | null;
            /** @description The key could not be decrypted, and is left out until it is enabled. */
            decrypt_failed: boolean;
            /** @description When a key that cools is back. */
            cooling_until: string | null;
            /** @description Null where the key cannot be decrypted. */
            masked_key: string | null;
            usage_today: number;
            last_delivered_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        ImportReport: {
            added: number;
            /** @description `row` counts the keys from 1, without the header line. */
            rows: ({
                row: number;
                id: number;
            } | {
                row: number;
                error: string;
            })[];
        };
        BurnedKey: {
            id: number;
            label: string;
            /** @enum {string} */
            state: "standby" | "active" | "retiring" | "retired" | "expired" | "disabled" | "quarantined" | "burned" | "cooling";
            current: boolean;
            weight: number;
            position: number;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            expires_at: string | null;
            bucket: string | null;
            tags: {
                [key: string]: string;
            };
            activated_at: string | null;
            retires_at: string | null;
            /** @description When everybody who held a key that is retiring or burned had been given another one. */
            drained_at: string | null;
            /** @description Why it was disabled or burned. */
            disabled_reason: string | null;
            auto_enable_at: string | null;
            /** @description The key could not be decrypted, and is left out until it is enabled. */
            decrypt_failed: boolean;
            /** @description When a key that cools is back. */
            cooling_until: string | null;
            /** @description Null where the key cannot be decrypted. */
            masked_key: string | null;
            usage_today: number;
            last_delivered_at: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Every app and address that was ever handed the key unmasked. */
            holders: {
                /** @description Null for the client token. */
                app_id: number | null;
                ip: string;
                /** Format: date-time */
                first_at: string;
                /**
                 * Format: date-time
                 * @description To the minute.
                 */
                last_at: string;
            }[];
            /** @description There are more than these 10,000: the list of the holders has them all. */
            more_holders: boolean;
        };
        HolderList: {
            data: components["schemas"]["Holder"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
            /** @description Nobody is left: since the key began to retire, or was burned, each of them was given another one. */
            drained: boolean;
            /** @description When that was noticed. */
            drained_at: string | null;
        };
        Holder: {
            /** @description Null for the client token. */
            app_id: number | null;
            ip: string;
            /** Format: date-time */
            first_at: string;
            /**
             * Format: date-time
             * @description To the minute.
             */
            last_at: string;
            /** @description The newest other key of the service that it was given since; null where it was given none. */
            newer_key_id: number | null;
            /** @description When that was last, to the minute. */
            newer_at: string | null;
        };
        AppList: {
            data: components["schemas"]["App"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        App: {
            id: number;
            name: string;
            description: string;
            environment: string;
            tags: {
                [key: string]: string;
            };
            services: "all" | string[];
            groups: string[];
            /** @description What `services` and `groups` come to. */
            reach: "all" | {
                service: string;
                direct: boolean;
                groups: string[];
            }[];
            allowed_ips: string[];
            denied_ips: string[];
            allowed_origins: string[];
            allowed_referrers: string[];
            allowed_user_agents: string[];
            blocked_countries: string[];
            require_https: boolean;
            require_signature: boolean;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            rate_limit: {
                /** @description By each replica for itself. */
                per_second: number | null;
                /** @description Exact, in each minute of UTC's clock. */
                per_minute: number | null;
                /** @description Exact, in each hour of UTC's clock. */
                per_hour: number | null;
                /** @description How many at once under `per_second`; null: as many as in a second. */
                burst: number | null;
            } | null;
            expires_at: string | null;
            enabled: boolean;
            /** @enum {string} */
            status: "active" | "disabled" | "expired";
            disabled_reason: string | null;
            auto_enable_at: string | null;
            token_prefix: string;
            last_used_at: string | null;
            usage_today: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        MadeApp: {
            id: number;
            name: string;
            description: string;
            environment: string;
            tags: {
                [key: string]: string;
            };
            services: "all" | string[];
            groups: string[];
            /** @description What `services` and `groups` come to. */
            reach: "all" | {
                service: string;
                direct: boolean;
                groups: string[];
            }[];
            allowed_ips: string[];
            denied_ips: string[];
            allowed_origins: string[];
            allowed_referrers: string[];
            allowed_user_agents: string[];
            blocked_countries: string[];
            require_https: boolean;
            require_signature: boolean;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            rate_limit: {
                /** @description By each replica for itself. */
                per_second: number | null;
                /** @description Exact, in each minute of UTC's clock. */
                per_minute: number | null;
                /** @description Exact, in each hour of UTC's clock. */
                per_hour: number | null;
                /** @description How many at once under `per_second`; null: as many as in a second. */
                burst: number | null;
            } | null;
            expires_at: string | null;
            enabled: boolean;
            /** @enum {string} */
            status: "active" | "disabled" | "expired";
            disabled_reason: string | null;
            auto_enable_at: string | null;
            token_prefix: string;
            last_used_at: string | null;
            usage_today: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Shown this once. */
            app_token: string;
            /** @description Shown this once, where signatures begin to be wanted. */
            signing_secret?: string;
        };
        ChangedApp: {
            id: number;
            name: string;
            description: string;
            environment: string;
            tags: {
                [key: string]: string;
            };
            services: "all" | string[];
            groups: string[];
            /** @description What `services` and `groups` come to. */
            reach: "all" | {
                service: string;
                direct: boolean;
                groups: string[];
            }[];
            allowed_ips: string[];
            denied_ips: string[];
            allowed_origins: string[];
            allowed_referrers: string[];
            allowed_user_agents: string[];
            blocked_countries: string[];
            require_https: boolean;
            require_signature: boolean;
            /** @description Deliveries in a limit day, 1 or more; null is no limit. */
            max_daily_requests: number | null;
            rate_limit: {
                /** @description By each replica for itself. */
                per_second: number | null;
                /** @description Exact, in each minute of UTC's clock. */
                per_minute: number | null;
                /** @description Exact, in each hour of UTC's clock. */
                per_hour: number | null;
                /** @description How many at once under `per_second`; null: as many as in a second. */
                burst: number | null;
            } | null;
            expires_at: string | null;
            enabled: boolean;
            /** @enum {string} */
            status: "active" | "disabled" | "expired";
            disabled_reason: string | null;
            auto_enable_at: string | null;
            token_prefix: string;
            last_used_at: string | null;
            usage_today: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Shown this once, where signatures begin to be wanted. */
            signing_secret?: string;
        };
        NewAppToken: {
            /** @description Shown this once. */
            app_token: string;
            /** Format: date-time */
            previous_valid_until: string;
        };
        NewSigningSecret: {
            /** @description Shown this once. */
            signing_secret: string;
            /** Format: date-time */
            previous_valid_until: string;
        };
        Usage: {
            /** Format: date-time */
            from: string;
            /** Format: date-time */
            to: string;
            /** @enum {string} */
            granularity: "minute" | "hour" | "day";
            group_by: ("service" | "key" | "app" | "outcome") | null;
            total: {
                deliveries: number;
                refusals: number;
                /** @description Refusals of deliveries and refusals; null where there were neither. */
                error_rate: number | null;
            };
            /** @description Every bucket of the range is there; grouped, once for each part that it has something of. */
            buckets: {
                deliveries: number;
                refusals: number;
                /** @description Refusals of deliveries and refusals; null where there were neither. */
                error_rate: number | null;
                /** Format: date-time */
                at: string;
                /** @description Null: a service that there is not. */
                service?: string | null;
                /** @description Null: a refusal. */
                key?: number | null;
                /** @description Null: the client token. */
                app?: number | null;
                /** @description `delivered`, or the `error` of the refusal. */
                outcome?: string;
            }[];
        };
        GroupList: {
            data: components["schemas"]["Group"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Group: {
            id: number;
            slug: string;
            name: string;
            services: string[];
            /** @description How many apps are in it. */
            apps: number;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        WebhookList: {
            data: components["schemas"]["Webhook"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Webhook: {
            id: number;
            url: string;
            events: string[];
            batch: boolean;
            description: string;
            enabled: boolean;
            disabled_reason: string | null;
            failing_since: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        MadeWebhook: {
            id: number;
            url: string;
            events: string[];
            batch: boolean;
            description: string;
            enabled: boolean;
            disabled_reason: string | null;
            failing_since: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
            /** @description Signs the messages. Shown this once. */
            secret: string;
        };
        RotatedWebhookSecret: {
            /** @description Signs the messages from now on. Shown this once. */
            secret: string;
            /**
             * Format: date-time
             * @description Until then messages are signed with the secret before, too.
             */
            previous_valid_until: string;
        };
        TestedWebhook: {
            /** @description What the message will have as its `webhook-id`. */
            message_id: string;
        };
        WebhookDeliveryList: {
            data: components["schemas"]["WebhookDelivery"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        WebhookDelivery: {
            id: number;
            /** @description The `webhook-id` of the message: the same in each attempt. */
            message_id: string;
            type: string;
            /** @description The how manieth; a replay begins anew. */
            attempt: number;
            /** Format: date-time */
            at: string;
            /** @description Of the answer; null where none came. */
            status: number | null;
            latency_ms: number;
            /** @description Null: it was taken. */
            error: string | null;
            /** @description The first 1 KiB of what the receiver said. */
            answer: string | null;
        };
        ReplayedWebhookDelivery: {
            /** @description What the message has as its `webhook-id`, as before. */
            message_id: string;
        };
        EmailList: {
            data: components["schemas"]["Email"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        Email: {
            id: number;
            address: string;
            events: string[];
            description: string;
            enabled: boolean;
            disabled_reason: string | null;
            failing_since: string | null;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        Caller: {
            name: string;
            /** @enum {string} */
            role: "root" | "owner" | "admin" | "operator" | "viewer" | "auditor";
            /** @description Null for root, who belongs to none. */
            tenant: string | null;
        };
        AdminTokenList: {
            data: components["schemas"]["AdminToken"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        AdminToken: {
            id: number;
            name: string;
            /** @enum {string} */
            role: "root" | "owner" | "admin" | "operator" | "viewer" | "auditor";
            token_prefix: string;
            allowed_ips: string[];
            expires_at: string | null;
            /** @enum {string} */
            status: "active" | "expired";
            /** Format: date-time */
            created_at: string;
        };
        MadeAdminToken: {
            id: number;
            name: string;
            /** @enum {string} */
            role: "root" | "owner" | "admin" | "operator" | "viewer" | "auditor";
            token_prefix: string;
            allowed_ips: string[];
            expires_at: string | null;
            /** @enum {string} */
            status: "active" | "expired";
            /** Format: date-time */
            created_at: string;
            /** @description Shown this once. */
            admin_token: string;
        };
        AuditEntryList: {
            data: components["schemas"]["AuditEntry"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        AuditEntry: {
            id: number;
            /** Format: date-time */
            at: string;
            /** @description `subject.verb`, as in `key.disabled`. */
            type: string;
            actor: {
                kind: string;
                id: number | null;
                name: string;
                role: string | null;
            };
            ip: string | null;
            /** @description What it was done to, as in `service:openai/key:12`. */
            target: string;
            outcome: string;
            reason: string | null;
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
            request_id: string | null;
        };
        VaultAuditEntryList: {
            data: components["schemas"]["VaultAuditEntry"][];
            /** @description `cursor` of the next page; null at the end. */
            next_cursor: string | null;
        };
        VaultAuditEntry: {
            id: number;
            /** Format: date-time */
            at: string;
            /** @description `subject.verb`, as in `key.disabled`. */
            type: string;
            actor: {
                kind: string;
                id: number | null;
                name: string;
                role: string | null;
            };
            ip: string | null;
            /** @description What it was done to, as in `service:openai/key:12`. */
            target: string;
            outcome: string;
            reason: string | null;
            before: {
                [key: string]: unknown;
            } | null;
            after: {
                [key: string]: unknown;
            } | null;
            request_id: string | null;
            /** @description The slug of its tenant, of a deleted one that which it had; null: that of none, but of root. */
            tenant: string | null;
        };
    };
    responses: {
        /** @description The request cannot be read, or a parameter of the query is wrong. */
        InvalidRequest: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "invalid request";
                    /** @constant */
                    status: 400;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "invalid request";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description There is no valid admin token. */
        Unauthorized: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "WWW-Authenticate": components["headers"]["WWW-Authenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "unauthorized";
                    /** @constant */
                    status: 401;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "unauthorized";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description The role of the token does not reach this, or the token may not be used from this address. */
        Forbidden: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "forbidden";
                    /** @constant */
                    status: 403;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "forbidden";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description There is nothing here, or nothing that this token may see. */
        NotFound: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "not found";
                    /** @constant */
                    status: 404;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "not found";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description What is there stands against it, or the first request with this `Idempotency-Key` still runs. */
        Conflict: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "conflict";
                    /** @constant */
                    status: 409;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "conflict";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description It was changed since it was read. */
        PreconditionFailed: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "precondition failed";
                    /** @constant */
                    status: 412;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "precondition failed";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description The body is larger than this route takes. */
        PayloadTooLarge: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "payload too large";
                    /** @constant */
                    status: 413;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "payload too large";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description The body is of a type that this route does not take. */
        UnsupportedMediaType: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "unsupported media type";
                    /** @constant */
                    status: 415;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "unsupported media type";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description A member is wrong; or the `Idempotency-Key` came with another body before. */
        Unprocessable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "unprocessable";
                    /** @constant */
                    status: 422;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "unprocessable";
                    /** @description Leads to the log. */
                    request_id: string;
                    errors?: components["schemas"]["Mistake"][];
                };
            };
        };
        /** @description Too many failed authentications, or four exports of the tenant, or of the whole vault, are under way. */
        RateLimitExceeded: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                "Retry-After": components["headers"]["Retry-After"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "rate limit exceeded";
                    /** @constant */
                    status: 429;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "rate limit exceeded";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description It failed: the request id leads to the log. */
        InternalError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "internal error";
                    /** @constant */
                    status: 500;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "internal error";
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
        /** @description Nothing was changed: try again in a moment. While it starts, the body is plain JSON. */
        StorageUnavailable: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": {
                    /** @constant */
                    type: "about:blank";
                    /** @constant */
                    title: "storage unavailable";
                    /** @constant */
                    status: 503;
                    /** @description What to do next. */
                    detail: string;
                    /**
                     * @description Stable: decide by it.
                     * @constant
                     */
                    error: "storage unavailable";
                    /** @description Leads to the log. */
                    request_id: string;
                };
                "application/json": {
                    /**
                     * @description Stable: decide by it.
                     * @enum {string}
                     */
                    error: "storage unavailable";
                    /** @constant */
                    status: 503;
                    /** @description Leads to the log. */
                    request_id: string;
                };
            };
        };
    };
    parameters: {
        /**
         * @description The slug of the tenant.
         * @example acme
         */
        tenant: string;
        /**
         * @description The slug of the service.
         * @example openai
         */
        service: string;
        /**
         * @description The slug of the group.
         * @example llm
         */
        group: string;
        /**
         * @description Its id.
         * @example 1
         */
        id: number;
        /**
         * @description The id of an attempt.
         * @example 1
         */
        delivery: number;
        /** @description How many there are on a page. */
        limit: number;
        /** @description The `next_cursor` of the page before. */
        cursor: string;
        /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
        ifMatch: string;
        /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
        idempotencyKey: string;
    };
    requestBodies: never;
    headers: {
        /** @description Leads to the log. */
        "X-Request-Id": string;
        /** @description Of what PATCH can change: for `If-Match`. */
        ETag: string;
        /** @description The path of what was made. */
        Location: string;
        /** @description `true` where this is the answer of the first time. */
        "Idempotent-Replayed": string;
        /** @description Which token to send. */
        "WWW-Authenticate": string;
        /** @description Seconds until it may be tried again. */
        "Retry-After": number;
        /** @description The limit that refused: what is left, and when there is more. */
        RateLimit: string;
        /** @description The limit that refused: quota and window. */
        "RateLimit-Policy": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    nextKey: {
        parameters: {
            query: {
                /** @description The slug of the service. */
                service: string;
                /** @description A client token, where there is no `Authorization` header. Prefer the header: URLs end up in logs. */
                token?: string;
                /** @description The token of an app, where there is no `Authorization` header. It overrides `token`. */
                app_token?: string;
                /** @description `1` or `true` masks the key. */
                mask?: "0" | "1" | "true" | "false";
            };
            header?: {
                /** @description Of a signed request: Unix seconds, at most 300 from the vault's clock. */
                "X-Timestamp"?: string;
                /** @description Of a signed request: 16 to 128 printable characters, once for each delivery. */
                "X-Nonce"?: string;
                /** @description Of a signed request: `v1=` and the HMAC-SHA256, in hex, of method, target, timestamp, nonce and the SHA-256 of the body, a line each. */
                "X-Signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A key. Demo tenants always get it masked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "service": "openai",
                     *       "key_label": "Primary",
                     *       "key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "masked": true,
                     *       "policy": "manual",
                     *       "limits": {
                     *         "max_daily_requests": 10000
                     *       },
                     *       "meta": {
                     *         "key_id": 1,
                     *         "usage_today": 1,
                     *         "key_usage_today": 1,
                     *         "delivery_id": "01JQ2V6Z8M4T5N7P9R0S1T2V3W",
                     *         "expires_at": null,
                     *         "max_age_seconds": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveredKey"];
                };
            };
            /** @description The request is not in its form: `detail` says what to send instead. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "missing token or service" | "invalid request";
                        /** @constant */
                        status: 400;
                        /** @description What to send instead. */
                        detail: string;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token has ended, or is switched off. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "token expired" | "token disabled";
                        /** @constant */
                        status: 401;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token is not valid, or may not be used like this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "invalid token" | "ip not allowed" | "referrer not allowed" | "origin not allowed" | "user agent not allowed" | "country not allowed" | "https required" | "invalid signature" | "service not allowed";
                        /** @constant */
                        status: 403;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The tenant has no such service. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "unknown service";
                        /** @constant */
                        status: 404;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description A limit is reached. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "service daily limit reached" | "app daily limit reached" | "key daily limit reached" | "rate limit exceeded" | "demo throttle";
                        /** @constant */
                        status: 429;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The key does not open, and no other one serves in its place. */
            500: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "key decrypt failed";
                        /** @constant */
                        status: 500;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description No key can serve, or the delivery could not be recorded: nothing left the vault. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "no active keys" | "service disabled" | "storage unavailable";
                        /** @constant */
                        status: 503;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
        };
    };
    nextKeyPhp: {
        parameters: {
            query: {
                /** @description The slug of the service. */
                service: string;
                /** @description A client token, where there is no `Authorization` header. Prefer the header: URLs end up in logs. */
                token?: string;
                /** @description The token of an app, where there is no `Authorization` header. It overrides `token`. */
                app_token?: string;
                /** @description `1` or `true` masks the key. */
                mask?: "0" | "1" | "true" | "false";
            };
            header?: {
                /** @description Of a signed request: Unix seconds, at most 300 from the vault's clock. */
                "X-Timestamp"?: string;
                /** @description Of a signed request: 16 to 128 printable characters, once for each delivery. */
                "X-Nonce"?: string;
                /** @description Of a signed request: `v1=` and the HMAC-SHA256, in hex, of method, target, timestamp, nonce and the SHA-256 of the body, a line each. */
                "X-Signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A key. Demo tenants always get it masked. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "service": "openai",
                     *       "key_label": "Primary",
                     *       "key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "masked": true,
                     *       "policy": "manual",
                     *       "limits": {
                     *         "max_daily_requests": 10000
                     *       },
                     *       "meta": {
                     *         "key_id": 1,
                     *         "usage_today": 1,
                     *         "key_usage_today": 1,
                     *         "delivery_id": "01JQ2V6Z8M4T5N7P9R0S1T2V3W",
                     *         "expires_at": null,
                     *         "max_age_seconds": 0
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveredKey"];
                };
            };
            /** @description The request is not in its form: `detail` says what to send instead. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "missing token or service" | "invalid request";
                        /** @constant */
                        status: 400;
                        /** @description What to send instead. */
                        detail: string;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token has ended, or is switched off. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "token expired" | "token disabled";
                        /** @constant */
                        status: 401;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token is not valid, or may not be used like this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "invalid token" | "ip not allowed" | "referrer not allowed" | "origin not allowed" | "user agent not allowed" | "country not allowed" | "https required" | "invalid signature" | "service not allowed";
                        /** @constant */
                        status: 403;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The tenant has no such service. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "unknown service";
                        /** @constant */
                        status: 404;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description A limit is reached. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "service daily limit reached" | "app daily limit reached" | "key daily limit reached" | "rate limit exceeded" | "demo throttle";
                        /** @constant */
                        status: 429;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The key does not open, and no other one serves in its place. */
            500: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "key decrypt failed";
                        /** @constant */
                        status: 500;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description No key can serve, or the delivery could not be recorded: nothing left the vault. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "no active keys" | "service disabled" | "storage unavailable";
                        /** @constant */
                        status: 503;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
        };
    };
    reportKey: {
        parameters: {
            query?: {
                /** @description A client token, where there is no `Authorization` header. Prefer the header: URLs end up in logs. */
                token?: string;
                /** @description The token of an app, where there is no `Authorization` header. It overrides `token`. */
                app_token?: string;
            };
            header?: {
                /** @description Of a signed request: Unix seconds, at most 300 from the vault's clock. */
                "X-Timestamp"?: string;
                /** @description Of a signed request: 16 to 128 printable characters, once for each delivery. */
                "X-Nonce"?: string;
                /** @description Of a signed request: `v1=` and the HMAC-SHA256, in hex, of method, target, timestamp, nonce and the SHA-256 of the body, a line each. */
                "X-Signature"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "delivery_id": "01JQ2V6Z8M4T5N7P9R0S1T2V3W",
                 *       "outcome": "rate_limited",
                 *       "status": 429,
                 *       "retry_after_seconds": 20
                 *     }
                 */
                "application/json": components["schemas"]["Report"];
            };
        };
        responses: {
            /** @description It is on record, and the key is like this now. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "key_id": 1,
                     *       "state": "cooling",
                     *       "cooling_until": "2026-03-01T12:00:20.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Reported"];
                };
            };
            /** @description The request is not in its form: `detail` says what to send instead. */
            400: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "missing token or service" | "invalid request";
                        /** @constant */
                        status: 400;
                        /** @description What to send instead. */
                        detail: string;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token has ended, or is switched off. */
            401: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "token expired" | "token disabled";
                        /** @constant */
                        status: 401;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The token is not valid, or may not be used like this. */
            403: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "invalid token" | "ip not allowed" | "referrer not allowed" | "origin not allowed" | "user agent not allowed" | "country not allowed" | "https required" | "invalid signature";
                        /** @constant */
                        status: 403;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description You have had no such delivery, not unmasked, or not within 24 hours. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "unknown delivery";
                        /** @constant */
                        status: 404;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The delivery was reported on before. */
            409: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "already reported";
                        /** @constant */
                        status: 409;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description Too many failed authentications from one network. */
            429: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Retry-After": components["headers"]["Retry-After"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "rate limit exceeded";
                        /** @constant */
                        status: 429;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
            /** @description The report could not be recorded: send it again. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Stable: decide by it.
                         * @enum {string}
                         */
                        error: "storage unavailable";
                        /** @constant */
                        status: 503;
                        /** @description Leads to the log. */
                        request_id: string;
                    };
                };
            };
        };
    };
    listTenants: {
        parameters: {
            query?: {
                status?: "active" | "suspended";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "slug": "acme",
                     *           "name": "Acme",
                     *           "demo": false,
                     *           "allowed_ips": [
                     *             "192.0.2.0/24",
                     *             "127.0.0.1"
                     *           ],
                     *           "denied_ips": [],
                     *           "suspicion": {
                     *             "new_address": true,
                     *             "rate_factor": 10,
                     *             "refusals_per_minute": 30
                     *           },
                     *           "status": "active",
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["TenantList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "slug": "acme",
                 *       "name": "Acme",
                 *       "allowed_ips": [
                 *         "192.0.2.0/24",
                 *         "127.0.0.1"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewTenant"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "acme",
                     *       "name": "Acme",
                     *       "demo": false,
                     *       "allowed_ips": [
                     *         "192.0.2.0/24",
                     *         "127.0.0.1"
                     *       ],
                     *       "denied_ips": [],
                     *       "suspicion": {
                     *         "new_address": true,
                     *         "rate_factor": 10,
                     *         "refusals_per_minute": 30
                     *       },
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z",
                     *       "client_token": "krc_…"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeTenant"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getTenant: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "acme",
                     *       "name": "Acme",
                     *       "demo": false,
                     *       "allowed_ips": [
                     *         "192.0.2.0/24",
                     *         "127.0.0.1"
                     *       ],
                     *       "denied_ips": [],
                     *       "suspicion": {
                     *         "new_address": true,
                     *         "rate_factor": 10,
                     *         "refusals_per_minute": 30
                     *       },
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteTenant: {
        parameters: {
            query: {
                /** @description For the audit trail. */
                reason?: string;
                /** @description The slug of what is to be deleted, once more: without it nothing is. */
                confirm: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateTenant: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "Acme Corporation",
                 *       "suspicion": {
                 *         "rate_factor": 20
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["TenantPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "acme",
                     *       "name": "Acme Corporation",
                     *       "demo": false,
                     *       "allowed_ips": [
                     *         "192.0.2.0/24",
                     *         "127.0.0.1"
                     *       ],
                     *       "denied_ips": [],
                     *       "suspicion": {
                     *         "new_address": true,
                     *         "rate_factor": 20,
                     *         "refusals_per_minute": 30
                     *       },
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    rotateClientToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "grace_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["Grace"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "client_token": "krc_…",
                     *       "previous_valid_until": "2026-03-01T13:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["NewClientToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listServices: {
        parameters: {
            query?: {
                status?: "enabled" | "disabled";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "slug": "openai",
                     *           "name": "OpenAI",
                     *           "policy": "manual",
                     *           "rotate_every_minutes": null,
                     *           "on_expiry": "retire",
                     *           "rotation_schedule": null,
                     *           "timezone": "Europe/Berlin",
                     *           "day_resets_at": "00:00",
                     *           "max_daily_requests": 10000,
                     *           "warn_at_percent": 80,
                     *           "max_age_seconds": 0,
                     *           "enabled": true,
                     *           "current_key_id": 1,
                     *           "usage_today": 42,
                     *           "keys": 2,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["ServiceList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createService: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "slug": "openai",
                 *       "name": "OpenAI",
                 *       "timezone": "Europe/Berlin",
                 *       "max_daily_requests": 10000
                 *     }
                 */
                "application/json": components["schemas"]["NewService"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "openai",
                     *       "name": "OpenAI",
                     *       "policy": "manual",
                     *       "rotate_every_minutes": null,
                     *       "on_expiry": "retire",
                     *       "rotation_schedule": null,
                     *       "timezone": "Europe/Berlin",
                     *       "day_resets_at": "00:00",
                     *       "max_daily_requests": 10000,
                     *       "warn_at_percent": 80,
                     *       "max_age_seconds": 0,
                     *       "enabled": true,
                     *       "current_key_id": null,
                     *       "usage_today": 0,
                     *       "keys": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "openai",
                     *       "name": "OpenAI",
                     *       "policy": "manual",
                     *       "rotate_every_minutes": null,
                     *       "on_expiry": "retire",
                     *       "rotation_schedule": null,
                     *       "timezone": "Europe/Berlin",
                     *       "day_resets_at": "00:00",
                     *       "max_daily_requests": 10000,
                     *       "warn_at_percent": 80,
                     *       "max_age_seconds": 0,
                     *       "enabled": true,
                     *       "current_key_id": 1,
                     *       "usage_today": 42,
                     *       "keys": 2,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteService: {
        parameters: {
            query: {
                /** @description For the audit trail. */
                reason?: string;
                /** @description The slug of what is to be deleted, once more: without it nothing is. */
                confirm: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateService: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "policy": "time",
                 *       "rotation_schedule": "0 3 * * 1",
                 *       "on_expiry": "cycle"
                 *     }
                 */
                "application/json": components["schemas"]["ServicePatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "openai",
                     *       "name": "OpenAI",
                     *       "policy": "time",
                     *       "rotate_every_minutes": null,
                     *       "on_expiry": "cycle",
                     *       "rotation_schedule": "0 3 * * 1",
                     *       "timezone": "Europe/Berlin",
                     *       "day_resets_at": "00:00",
                     *       "max_daily_requests": 10000,
                     *       "warn_at_percent": 80,
                     *       "max_age_seconds": 0,
                     *       "enabled": true,
                     *       "current_key_id": 1,
                     *       "usage_today": 42,
                     *       "keys": 2,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    rotateService: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "retire_old": true,
                 *       "grace_seconds": 600,
                 *       "reason": "quarterly rotation"
                 *     }
                 */
                "application/json": components["schemas"]["Rotate"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from_key_id": 1,
                     *       "to_key_id": 2
                     *     }
                     */
                    "application/json": components["schemas"]["Rotation"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                /** @description The id of an app. */
                app?: number;
                /** @description The id of a key. */
                key?: number;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "delivery_id": "01JQ2V6Z8M4T5N7P9R0S1T2V3W",
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "key_id": 1,
                     *           "app_id": null,
                     *           "ip": "192.0.2.7",
                     *           "masked": false,
                     *           "usage_today": 42
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["DeliveryList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                status?: "standby" | "active" | "retiring" | "retired" | "expired" | "disabled" | "quarantined" | "burned" | "cooling";
                q?: string;
                tag?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "label": "Primary",
                     *           "state": "active",
                     *           "current": true,
                     *           "weight": 1,
                     *           "position": 1,
                     *           "max_daily_requests": null,
                     *           "expires_at": null,
                     *           "bucket": null,
                     *           "tags": {
                     *             "environment": "production"
                     *           },
                     *           "activated_at": "2026-03-01T12:00:00.000Z",
                     *           "retires_at": null,
                     *           "drained_at": null,
                     *           "disabled_reason": null,
                     *           "auto_enable_at": null,
                     *           "decrypt_failed": false,
                     *           "cooling_until": null,
                     *           "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *           "usage_today": 0,
                     *           "last_delivered_at": null,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "label": "Primary",
                 *       "key": "sk-an-example-that-opens-nothing-zzZZ",
                 *       "tags": {
                 *         "environment": "production"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "active",
                     *       "current": true,
                     *       "weight": 1,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "environment": "production"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Key"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    importKeys: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example [
                 *       {
                 *         "label": "Second",
                 *         "key": "sk-another-example-that-opens-nothing"
                 *       },
                 *       {
                 *         "label": "Again",
                 *         "key": "sk-another-example-that-opens-nothing"
                 *       }
                 *     ]
                 */
                "application/json": components["schemas"]["NewKey"][];
                /**
                 * @example label,key,weight
                 *     Third,sk-a-third-example-that-opens-nothing,2
                 */
                "text/csv": string;
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "added": 1,
                     *       "rows": [
                     *         {
                     *           "row": 1,
                     *           "id": 2
                     *         },
                     *         {
                     *           "row": 2,
                     *           "error": "the same key as row 1"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ImportReport"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "active",
                     *       "current": true,
                     *       "weight": 1,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "environment": "production"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Key"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteKey: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "weight": 3,
                 *       "tags": {
                 *         "environment": null,
                 *         "team": "search"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["KeyPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "active",
                     *       "current": true,
                     *       "weight": 3,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "team": "search"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Key"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    disableKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "the provider asked for it",
                 *       "auto_enable_after_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["Disabling"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "disabled",
                     *       "current": true,
                     *       "weight": 1,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "environment": "production"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": "the provider asked for it",
                     *       "auto_enable_at": "2026-03-01T13:00:00.000Z",
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Key"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    burnKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "found in a public repository"
                 *     }
                 */
                "application/json": components["schemas"]["Burning"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "burned",
                     *       "current": false,
                     *       "weight": 1,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "environment": "production"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": "found in a public repository",
                     *       "auto_enable_at": null,
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z",
                     *       "holders": [
                     *         {
                     *           "app_id": null,
                     *           "ip": "192.0.2.7",
                     *           "first_at": "2026-03-01T12:00:00.000Z",
                     *           "last_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "more_holders": false
                     *     }
                     */
                    "application/json": components["schemas"]["BurnedKey"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listHolders: {
        parameters: {
            query?: {
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "app_id": null,
                     *           "ip": "192.0.2.7",
                     *           "first_at": "2026-03-01T12:00:00.000Z",
                     *           "last_at": "2026-03-01T12:00:00.000Z",
                     *           "newer_key_id": null,
                     *           "newer_at": null
                     *         }
                     *       ],
                     *       "next_cursor": null,
                     *       "drained": false,
                     *       "drained_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["HolderList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    enableKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the service.
                 * @example openai
                 */
                service: components["parameters"]["service"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "label": "Primary",
                     *       "state": "active",
                     *       "current": true,
                     *       "weight": 1,
                     *       "position": 1,
                     *       "max_daily_requests": null,
                     *       "expires_at": null,
                     *       "bucket": null,
                     *       "tags": {
                     *         "environment": "production"
                     *       },
                     *       "activated_at": "2026-03-01T12:00:00.000Z",
                     *       "retires_at": null,
                     *       "drained_at": null,
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "decrypt_failed": false,
                     *       "cooling_until": null,
                     *       "masked_key": "sk-••••••••••••••••••••••••zzZZ",
                     *       "usage_today": 0,
                     *       "last_delivered_at": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Key"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listApps: {
        parameters: {
            query?: {
                status?: "active" | "disabled" | "expired";
                q?: string;
                tag?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "name": "Checkout",
                     *           "description": "",
                     *           "environment": "production",
                     *           "tags": {
                     *             "team": "payments"
                     *           },
                     *           "services": [
                     *             "openai"
                     *           ],
                     *           "groups": [],
                     *           "reach": [
                     *             {
                     *               "service": "openai",
                     *               "direct": true,
                     *               "groups": []
                     *             }
                     *           ],
                     *           "allowed_ips": [
                     *             "192.0.2.0/24"
                     *           ],
                     *           "denied_ips": [],
                     *           "allowed_origins": [],
                     *           "allowed_referrers": [],
                     *           "allowed_user_agents": [],
                     *           "blocked_countries": [],
                     *           "require_https": false,
                     *           "require_signature": false,
                     *           "max_daily_requests": 1000,
                     *           "rate_limit": {
                     *             "per_second": 10,
                     *             "per_minute": null,
                     *             "per_hour": null,
                     *             "burst": 20
                     *           },
                     *           "expires_at": null,
                     *           "enabled": true,
                     *           "status": "active",
                     *           "disabled_reason": null,
                     *           "auto_enable_at": null,
                     *           "token_prefix": "kra_x7Qd",
                     *           "last_used_at": null,
                     *           "usage_today": 0,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AppList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Checkout",
                 *       "environment": "production",
                 *       "tags": {
                 *         "team": "payments"
                 *       },
                 *       "services": [
                 *         "openai"
                 *       ],
                 *       "allowed_ips": [
                 *         "192.0.2.0/24"
                 *       ],
                 *       "max_daily_requests": 1000,
                 *       "rate_limit": {
                 *         "per_second": 10,
                 *         "burst": 20
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewApp"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "name": "Checkout",
                     *       "description": "",
                     *       "environment": "production",
                     *       "tags": {
                     *         "team": "payments"
                     *       },
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "groups": [],
                     *       "reach": [
                     *         {
                     *           "service": "openai",
                     *           "direct": true,
                     *           "groups": []
                     *         }
                     *       ],
                     *       "allowed_ips": [
                     *         "192.0.2.0/24"
                     *       ],
                     *       "denied_ips": [],
                     *       "allowed_origins": [],
                     *       "allowed_referrers": [],
                     *       "allowed_user_agents": [],
                     *       "blocked_countries": [],
                     *       "require_https": false,
                     *       "require_signature": false,
                     *       "max_daily_requests": 1000,
                     *       "rate_limit": {
                     *         "per_second": 10,
                     *         "per_minute": null,
                     *         "per_hour": null,
                     *         "burst": 20
                     *       },
                     *       "expires_at": null,
                     *       "enabled": true,
                     *       "status": "active",
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "token_prefix": "kra_x7Qd",
                     *       "last_used_at": null,
                     *       "usage_today": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z",
                     *       "app_token": "kra_…"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeApp"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getApp: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "name": "Checkout",
                     *       "description": "",
                     *       "environment": "production",
                     *       "tags": {
                     *         "team": "payments"
                     *       },
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "groups": [],
                     *       "reach": [
                     *         {
                     *           "service": "openai",
                     *           "direct": true,
                     *           "groups": []
                     *         }
                     *       ],
                     *       "allowed_ips": [
                     *         "192.0.2.0/24"
                     *       ],
                     *       "denied_ips": [],
                     *       "allowed_origins": [],
                     *       "allowed_referrers": [],
                     *       "allowed_user_agents": [],
                     *       "blocked_countries": [],
                     *       "require_https": false,
                     *       "require_signature": false,
                     *       "max_daily_requests": 1000,
                     *       "rate_limit": {
                     *         "per_second": 10,
                     *         "per_minute": null,
                     *         "per_hour": null,
                     *         "burst": 20
                     *       },
                     *       "expires_at": null,
                     *       "enabled": true,
                     *       "status": "active",
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "token_prefix": "kra_x7Qd",
                     *       "last_used_at": null,
                     *       "usage_today": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["App"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteApp: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "services": "all",
                 *       "allowed_ips": [],
                 *       "require_signature": true
                 *     }
                 */
                "application/json": components["schemas"]["AppPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "name": "Checkout",
                     *       "description": "",
                     *       "environment": "production",
                     *       "tags": {
                     *         "team": "payments"
                     *       },
                     *       "services": "all",
                     *       "groups": [],
                     *       "reach": "all",
                     *       "allowed_ips": [],
                     *       "denied_ips": [],
                     *       "allowed_origins": [],
                     *       "allowed_referrers": [],
                     *       "allowed_user_agents": [],
                     *       "blocked_countries": [],
                     *       "require_https": false,
                     *       "require_signature": true,
                     *       "max_daily_requests": 1000,
                     *       "rate_limit": {
                     *         "per_second": 10,
                     *         "per_minute": null,
                     *         "per_hour": null,
                     *         "burst": 20
                     *       },
                     *       "expires_at": null,
                     *       "enabled": true,
                     *       "status": "active",
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "token_prefix": "kra_x7Qd",
                     *       "last_used_at": null,
                     *       "usage_today": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z",
                     *       "signing_secret": "krs_…"
                     *     }
                     */
                    "application/json": components["schemas"]["ChangedApp"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    rotateAppToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "grace_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["Grace"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "app_token": "kra_…",
                     *       "previous_valid_until": "2026-03-01T13:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["NewAppToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    rotateSigningSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "grace_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["Grace"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "signing_secret": "krs_…",
                     *       "previous_valid_until": "2026-03-01T13:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["NewSigningSecret"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    disableApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "too many requests",
                 *       "auto_enable_after_seconds": 3600
                 *     }
                 */
                "application/json": components["schemas"]["Disabling"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "name": "Checkout",
                     *       "description": "",
                     *       "environment": "production",
                     *       "tags": {
                     *         "team": "payments"
                     *       },
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "groups": [],
                     *       "reach": [
                     *         {
                     *           "service": "openai",
                     *           "direct": true,
                     *           "groups": []
                     *         }
                     *       ],
                     *       "allowed_ips": [
                     *         "192.0.2.0/24"
                     *       ],
                     *       "denied_ips": [],
                     *       "allowed_origins": [],
                     *       "allowed_referrers": [],
                     *       "allowed_user_agents": [],
                     *       "blocked_countries": [],
                     *       "require_https": false,
                     *       "require_signature": false,
                     *       "max_daily_requests": 1000,
                     *       "rate_limit": {
                     *         "per_second": 10,
                     *         "per_minute": null,
                     *         "per_hour": null,
                     *         "burst": 20
                     *       },
                     *       "expires_at": null,
                     *       "enabled": false,
                     *       "status": "disabled",
                     *       "disabled_reason": "too many requests",
                     *       "auto_enable_at": "2026-03-01T13:00:00.000Z",
                     *       "token_prefix": "kra_x7Qd",
                     *       "last_used_at": null,
                     *       "usage_today": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["App"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    enableApp: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "name": "Checkout",
                     *       "description": "",
                     *       "environment": "production",
                     *       "tags": {
                     *         "team": "payments"
                     *       },
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "groups": [],
                     *       "reach": [
                     *         {
                     *           "service": "openai",
                     *           "direct": true,
                     *           "groups": []
                     *         }
                     *       ],
                     *       "allowed_ips": [
                     *         "192.0.2.0/24"
                     *       ],
                     *       "denied_ips": [],
                     *       "allowed_origins": [],
                     *       "allowed_referrers": [],
                     *       "allowed_user_agents": [],
                     *       "blocked_countries": [],
                     *       "require_https": false,
                     *       "require_signature": false,
                     *       "max_daily_requests": 1000,
                     *       "rate_limit": {
                     *         "per_second": 10,
                     *         "per_minute": null,
                     *         "per_hour": null,
                     *         "burst": 20
                     *       },
                     *       "expires_at": null,
                     *       "enabled": true,
                     *       "status": "active",
                     *       "disabled_reason": null,
                     *       "auto_enable_at": null,
                     *       "token_prefix": "kra_x7Qd",
                     *       "last_used_at": null,
                     *       "usage_today": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["App"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    showAppUsage: {
        parameters: {
            query?: {
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                granularity?: "minute" | "hour" | "day";
                group_by?: "service" | "key" | "app" | "outcome";
                /** @description Only what was asked of this service. */
                service?: string;
                /** @description Only what was delivered of this key, which may have been deleted since. */
                key?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-03-01T12:00:00.000Z",
                     *       "to": "2026-03-01T13:00:00.000Z",
                     *       "granularity": "hour",
                     *       "group_by": null,
                     *       "total": {
                     *         "deliveries": 30,
                     *         "refusals": 10,
                     *         "error_rate": 0.25
                     *       },
                     *       "buckets": [
                     *         {
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "deliveries": 30,
                     *           "refusals": 10,
                     *           "error_rate": 0.25
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listGroups: {
        parameters: {
            query?: {
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "slug": "llm",
                     *           "name": "Language models",
                     *           "services": [
                     *             "openai"
                     *           ],
                     *           "apps": 0,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["GroupList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "slug": "llm",
                 *       "name": "Language models",
                 *       "services": [
                 *         "openai"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewGroup"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "llm",
                     *       "name": "Language models",
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "apps": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Group"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the group.
                 * @example llm
                 */
                group: components["parameters"]["group"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "llm",
                     *       "name": "Language models",
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "apps": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Group"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteGroup: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the group.
                 * @example llm
                 */
                group: components["parameters"]["group"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateGroup: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description The slug of the group.
                 * @example llm
                 */
                group: components["parameters"]["group"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "name": "Models",
                 *       "services": [
                 *         "openai"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["GroupPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "slug": "llm",
                     *       "name": "Models",
                     *       "services": [
                     *         "openai"
                     *       ],
                     *       "apps": 0,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Group"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                status?: "enabled" | "disabled";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "url": "https://hooks.example.com/keyrotator",
                     *           "events": [
                     *             "service.limit_reached"
                     *           ],
                     *           "batch": false,
                     *           "description": "Pages whoever is on call.",
                     *           "enabled": true,
                     *           "disabled_reason": null,
                     *           "failing_since": null,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://hooks.example.com/keyrotator",
                 *       "events": [
                 *         "service.limit_reached"
                 *       ],
                 *       "description": "Pages whoever is on call."
                 *     }
                 */
                "application/json": components["schemas"]["NewWebhook"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "url": "https://hooks.example.com/keyrotator",
                     *       "events": [
                     *         "service.limit_reached"
                     *       ],
                     *       "batch": false,
                     *       "description": "Pages whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z",
                     *       "secret": "whsec_…"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeWebhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "url": "https://hooks.example.com/keyrotator",
                     *       "events": [
                     *         "service.limit_reached"
                     *       ],
                     *       "batch": false,
                     *       "description": "Pages whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         "*",
                 *         "key.delivered"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["WebhookPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "url": "https://hooks.example.com/keyrotator",
                     *       "events": [
                     *         "*",
                     *         "key.delivered"
                     *       ],
                     *       "batch": false,
                     *       "description": "Pages whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "grace_seconds": 86400
                 *     }
                 */
                "application/json": components["schemas"]["WebhookSecretGrace"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "secret": "whsec_…",
                     *       "previous_valid_until": "2026-03-02T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["RotatedWebhookSecret"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Taken. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message_id": "msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W"
                     *     }
                     */
                    "application/json": components["schemas"]["TestedWebhook"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "message_id": "msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W",
                     *           "type": "service.limit_reached",
                     *           "attempt": 1,
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "status": 503,
                     *           "latency_ms": 41,
                     *           "error": "http_status",
                     *           "answer": "We are down for maintenance."
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDeliveryList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    replayWebhookDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
                /**
                 * @description The id of an attempt.
                 * @example 1
                 */
                delivery: components["parameters"]["delivery"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Nothing"];
            };
        };
        responses: {
            /** @description Taken. */
            202: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message_id": "msg_01JQ2V6Z8M4T5N7P9R0S1T2V3W"
                     *     }
                     */
                    "application/json": components["schemas"]["ReplayedWebhookDelivery"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listEmails: {
        parameters: {
            query?: {
                status?: "enabled" | "disabled";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 1,
                     *           "address": "oncall@example.com",
                     *           "events": [
                     *             "service.limit_warning",
                     *             "key.expiring"
                     *           ],
                     *           "description": "Whoever is on call.",
                     *           "enabled": true,
                     *           "disabled_reason": null,
                     *           "failing_since": null,
                     *           "created_at": "2026-03-01T12:00:00.000Z",
                     *           "updated_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["EmailList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createEmail: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "oncall@example.com",
                 *       "events": [
                 *         "service.limit_warning",
                 *         "key.expiring"
                 *       ],
                 *       "description": "Whoever is on call."
                 *     }
                 */
                "application/json": components["schemas"]["NewEmail"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    ETag: components["headers"]["ETag"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "address": "oncall@example.com",
                     *       "events": [
                     *         "service.limit_warning",
                     *         "key.expiring"
                     *       ],
                     *       "description": "Whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Email"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getEmail: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "address": "oncall@example.com",
                     *       "events": [
                     *         "service.limit_warning",
                     *         "key.expiring"
                     *       ],
                     *       "description": "Whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Email"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteEmail: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    updateEmail: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of what was read: it is a 412 where somebody else has changed it since. */
                "If-Match"?: components["parameters"]["ifMatch"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         "*"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["EmailPatch"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    ETag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 1,
                     *       "address": "oncall@example.com",
                     *       "events": [
                     *         "*"
                     *       ],
                     *       "description": "Whoever is on call.",
                     *       "enabled": true,
                     *       "disabled_reason": null,
                     *       "failing_since": null,
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "updated_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Email"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    whoami: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "root",
                     *       "role": "root",
                     *       "tenant": null
                     *     }
                     */
                    "application/json": components["schemas"]["Caller"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listRootTokens: {
        parameters: {
            query?: {
                status?: "active" | "expired";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 3,
                     *           "name": "Grace",
                     *           "role": "root",
                     *           "token_prefix": "krr_p3Xw",
                     *           "allowed_ips": [],
                     *           "expires_at": "2030-01-31T00:00:00.000Z",
                     *           "status": "active",
                     *           "created_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AdminTokenList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createRootToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Grace",
                 *       "expires_at": "2030-01-31T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["NewRootToken"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 3,
                     *       "name": "Grace",
                     *       "role": "root",
                     *       "token_prefix": "krr_p3Xw",
                     *       "allowed_ips": [],
                     *       "expires_at": "2030-01-31T00:00:00.000Z",
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "admin_token": "krr_…"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeAdminToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getRootToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 3,
                     *       "name": "Grace",
                     *       "role": "root",
                     *       "token_prefix": "krr_p3Xw",
                     *       "allowed_ips": [],
                     *       "expires_at": "2030-01-31T00:00:00.000Z",
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["AdminToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteRootToken: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listAdminTokens: {
        parameters: {
            query?: {
                status?: "active" | "expired";
                q?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 2,
                     *           "name": "Ada",
                     *           "role": "operator",
                     *           "token_prefix": "krr_p3Xw",
                     *           "allowed_ips": [],
                     *           "expires_at": "2030-01-31T00:00:00.000Z",
                     *           "status": "active",
                     *           "created_at": "2026-03-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AdminTokenList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    createAdminToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Best a UUID: sent again within 24 hours, the request is carried out once, and answered as the first time. */
                "Idempotency-Key"?: components["parameters"]["idempotencyKey"];
            };
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Ada",
                 *       "role": "operator",
                 *       "expires_at": "2030-01-31T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["NewAdminToken"];
            };
        };
        responses: {
            /** @description Made. */
            201: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    Location: components["headers"]["Location"];
                    "Idempotent-Replayed": components["headers"]["Idempotent-Replayed"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 2,
                     *       "name": "Ada",
                     *       "role": "operator",
                     *       "token_prefix": "krr_p3Xw",
                     *       "allowed_ips": [],
                     *       "expires_at": "2030-01-31T00:00:00.000Z",
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z",
                     *       "admin_token": "krr_…"
                     *     }
                     */
                    "application/json": components["schemas"]["MadeAdminToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["PayloadTooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["Unprocessable"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    getAdminToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": 2,
                     *       "name": "Ada",
                     *       "role": "operator",
                     *       "token_prefix": "krr_p3Xw",
                     *       "allowed_ips": [],
                     *       "expires_at": "2030-01-31T00:00:00.000Z",
                     *       "status": "active",
                     *       "created_at": "2026-03-01T12:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["AdminToken"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    deleteAdminToken: {
        parameters: {
            query?: {
                /** @description For the audit trail. */
                reason?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
                /**
                 * @description Its id.
                 * @example 1
                 */
                id: components["parameters"]["id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    showUsage: {
        parameters: {
            query?: {
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                granularity?: "minute" | "hour" | "day";
                group_by?: "service" | "key" | "app" | "outcome";
                /** @description Only what was asked of this service. */
                service?: string;
                /** @description Only what was asked by this app, which may have been deleted since. */
                app?: number;
                /** @description Only what was delivered of this key, which may have been deleted since. */
                key?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "from": "2026-03-01T12:00:00.000Z",
                     *       "to": "2026-03-01T13:00:00.000Z",
                     *       "granularity": "hour",
                     *       "group_by": null,
                     *       "total": {
                     *         "deliveries": 30,
                     *         "refusals": 10,
                     *         "error_rate": 0.25
                     *       },
                     *       "buckets": [
                     *         {
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "deliveries": 30,
                     *           "refusals": 10,
                     *           "error_rate": 0.25
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Usage"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                /** @description As in `key.rotated`. */
                type?: string;
                /** @description The name of who did it. */
                actor?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 4,
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "type": "key.disabled",
                     *           "actor": {
                     *             "kind": "admin_token",
                     *             "id": 2,
                     *             "name": "Ada",
                     *             "role": "operator"
                     *           },
                     *           "ip": "192.0.2.7",
                     *           "target": "service:openai/key:1",
                     *           "outcome": "success",
                     *           "reason": "the provider asked for it",
                     *           "before": {
                     *             "state": "active"
                     *           },
                     *           "after": {
                     *             "state": "disabled"
                     *           },
                     *           "request_id": "req_Zk3vJ0aXq1bR_9"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["AuditEntryList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    exportAudit: {
        parameters: {
            query?: {
                format?: "ndjson" | "csv" | "parquet";
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the tenant.
                 * @example acme
                 */
                tenant: components["parameters"]["tenant"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"id":4,"at":"2026-03-01T12:00:00.000Z","type":"key.disabled","actor":{"kind":"admin_token","id":2,"name":"Ada","role":"operator"},"ip":"192.0.2.7","target":"service:openai/key:1","outcome":"success","reason":"the provider asked for it","before":{"state":"active"},"after":{"state":"disabled"},"request_id":"req_Zk3vJ0aXq1bR_9"} */
                    "application/x-ndjson": string;
                    /** @example id,at,type,actor_kind,actor_id,actor_name,actor_role,ip,target,outcome,reason,before,after,request_id */
                    "text/csv": string;
                    /** @example PAR1…PAR1 */
                    "application/vnd.apache.parquet": unknown;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    listVaultAudit: {
        parameters: {
            query?: {
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                /** @description As in `key.rotated`. */
                type?: string;
                /** @description The name of who did it. */
                actor?: string;
                /** @description Only those of this tenant, and of deleted ones that had this slug. */
                tenant?: string;
                /** @description How many there are on a page. */
                limit?: components["parameters"]["limit"];
                /** @description The `next_cursor` of the page before. */
                cursor?: components["parameters"]["cursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "id": 4,
                     *           "at": "2026-03-01T12:00:00.000Z",
                     *           "type": "key.disabled",
                     *           "actor": {
                     *             "kind": "admin_token",
                     *             "id": 2,
                     *             "name": "Ada",
                     *             "role": "operator"
                     *           },
                     *           "ip": "192.0.2.7",
                     *           "target": "service:openai/key:1",
                     *           "outcome": "success",
                     *           "reason": "the provider asked for it",
                     *           "before": {
                     *             "state": "active"
                     *           },
                     *           "after": {
                     *             "state": "disabled"
                     *           },
                     *           "request_id": "req_Zk3vJ0aXq1bR_9",
                     *           "tenant": "acme"
                     *         }
                     *       ],
                     *       "next_cursor": null
                     *     }
                     */
                    "application/json": components["schemas"]["VaultAuditEntryList"];
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    exportVaultAudit: {
        parameters: {
            query?: {
                format?: "ndjson" | "csv" | "parquet";
                /** @description The beginning, which belongs to the range. */
                from?: string;
                /** @description The end, which does not. */
                to?: string;
                /** @description Only those of this tenant, and of deleted ones that had this slug. */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"id":4,"at":"2026-03-01T12:00:00.000Z","type":"key.disabled","actor":{"kind":"admin_token","id":2,"name":"Ada","role":"operator"},"ip":"192.0.2.7","target":"service:openai/key:1","outcome":"success","reason":"the provider asked for it","before":{"state":"active"},"after":{"state":"disabled"},"request_id":"req_Zk3vJ0aXq1bR_9","tenant":"acme"} */
                    "application/x-ndjson": string;
                    /** @example id,at,type,actor_kind,actor_id,actor_name,actor_role,ip,target,outcome,reason,before,after,request_id,tenant */
                    "text/csv": string;
                    /** @example PAR1…PAR1 */
                    "application/vnd.apache.parquet": unknown;
                };
            };
            400: components["responses"]["InvalidRequest"];
            401: components["responses"]["Unauthorized"];
            403: components["responses"]["Forbidden"];
            429: components["responses"]["RateLimitExceeded"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    isAlive: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives, also while it waits for its database. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "alive"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "alive";
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
        };
    };
    isReady: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It can. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "ready";
                    };
                };
            };
            400: components["responses"]["InvalidRequest"];
            /** @description It cannot, or is stopping. */
            503: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "not ready",
                     *       "why": "draining"
                     *     }
                     */
                    "application/json": {
                        /** @constant */
                        status: "not ready";
                        why: string;
                    };
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In the text format of Prometheus. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["InvalidRequest"];
            500: components["responses"]["InternalError"];
            503: components["responses"]["StorageUnavailable"];
        };
    };
    onKeyDelivered: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.delivered";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        delivery_id: string;
                        key_id: number;
                        /** @description Null for the client token. */
                        app_id: number | null;
                        ip: string;
                        masked: boolean;
                        usage_today: number;
                    } | {
                        /** @description Oldest first. */
                        deliveries: {
                            tenant: string;
                            service: string;
                            delivery_id: string;
                            key_id: number;
                            /** @description Null for the client token. */
                            app_id: number | null;
                            ip: string;
                            masked: boolean;
                            usage_today: number;
                        }[];
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyCooling: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.cooling";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** Format: date-time */
                        cooling_until: string;
                        /** @enum {string} */
                        cause: "reported rate_limited" | "same bucket";
                        /** @description Who reported it; null for the client token. */
                        app_id: number | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyRecovered: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.recovered";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /**
                         * @description `cooled`: its `cooling_until` has come. `by hand`: somebody enabled it.
                         * @enum {string}
                         */
                        cause: "cooled" | "by hand";
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyRefused: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.refused";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** @description Who has reported it last; null for the client token. */
                        app_id: number | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyQuarantined: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.quarantined";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** @enum {string} */
                        cause: "reported unauthorized";
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyExpiring: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.expiring";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** Format: date-time */
                        expires_at: string;
                        /** @enum {number} */
                        within_days: 1 | 7;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onServiceLimitWarning: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "service.limit_warning";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        max_daily_requests: number;
                        usage_today: number;
                        /** @description The `warn_at_percent` of the service. */
                        percent: number;
                        /** Format: date-time */
                        resets_at: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyRotated: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.rotated";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        from_key_id: number;
                        to_key_id: number;
                        /** @description `rotated by hand`, `rotation due`, `expired`, `could not be decrypted`, or `out of service`, whatever had ended the key before. */
                        why: string;
                        /** @description The one that somebody gave. */
                        reason: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyExpired: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.expired";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** @description `expired`: its own end; `rotation due`: that of its turn. */
                        why: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyBurned: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.burned";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        reason: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyDrained: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.drained";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** @description `retiring` or `burned`. */
                        state: string;
                        retires_at: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onKeyDecryptFailed: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "key.decrypt_failed";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onServiceLimitReached: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "service.limit_reached";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        max_daily_requests: number;
                        usage_today: number;
                        /** Format: date-time */
                        resets_at: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onServiceNoActiveKeys: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "service.no_active_keys";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        /** @description When the first key that cools is back; null where none does. */
                        back_at: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onWebhookDisabled: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "webhook.disabled";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        /** @description It hears of this from others only. */
                        webhook_id: number;
                        /** @description Where it led, without path and query. */
                        origin: string;
                        reason: string;
                        failing_since: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onWebhookEventsLost: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "webhook.events_lost";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        webhook_id: number;
                        /** @enum {string} */
                        lost: "deliveries" | "events";
                        /** @description How many were removed, being too old, before they were taken. */
                        count: number;
                        /**
                         * Format: date-time
                         * @description When the first of them happened.
                         */
                        from: string;
                        /**
                         * Format: date-time
                         * @description When the last of them happened.
                         */
                        to: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onServiceLastKey: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "service.last_key";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        service: string;
                        key_id: number;
                        /** @enum {string} */
                        cause: "reported unauthorized" | "left alone";
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAppLimitReached: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "app.limit_reached";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        app_id: number;
                        max_daily_requests: number;
                        usage_today: number;
                        /** Format: date-time */
                        resets_at: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAppTokenRotated: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "app.token_rotated";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        app_id: number;
                        /** Format: date-time */
                        previous_valid_until: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAppTokenExpiring: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "app.token_expiring";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        app_id: number;
                        /** Format: date-time */
                        expires_at: string;
                        /** @enum {number} */
                        within_days: 1 | 7;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAppDisabled: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "app.disabled";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        app_id: number;
                        reason: string | null;
                        auto_enable_at: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAccessSuspicious: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "access.suspicious";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        /** @description Null where it is of a network, whichever token it has. */
                        app_id: number | null;
                        /** @enum {string} */
                        cause: "new address" | "unusual rate" | "refusals";
                        /** @description An IPv4 address or the /64 of an IPv6 one; null where it is of an app from anywhere. */
                        network: string | null;
                        /** @description For people. */
                        detail: string;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onWebhookTest: {
        parameters: {
            query?: never;
            header: {
                /** @description Stays the same when the message is sent again. */
                "webhook-id": string;
                /** @description Unix seconds of this attempt. */
                "webhook-timestamp": string;
                /** @description `v1,` and a signature, as Standard Webhooks says; several with a space between. */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @constant */
                    type: "webhook.test";
                    /**
                     * Format: date-time
                     * @description When it happened.
                     */
                    timestamp: string;
                    data: {
                        tenant: string;
                        webhook_id: number;
                    };
                };
            };
        };
        responses: {
            /** @description The webhook is switched off. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Within 10 seconds: it is taken. Whatever else is tried again, over three days. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
