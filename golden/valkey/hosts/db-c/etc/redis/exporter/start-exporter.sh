#!/bin/sh
# Starts the exporter of this host, which Prometheus asks for one Redis process at a time: /scrape?target=redis://HOST:PORT
set -uf

# A map of passwords by target, not one password: that one would be sent to any target that somebody asks for
set -- -redis.addr= -redis.password-file=/run/redis-exporter/passwords.json -web.listen-address='10.20.3.11:9121' \
    -connection-timeout='4000ms' -config-command=-
set -- "$@" -redis.user=exporter
set -- "$@" -tls-ca-cert-file='/etc/valkey/tls/ca.crt' \
    -tls-client-cert-file='/etc/valkey/tls/server.crt' -tls-client-key-file='/etc/valkey/tls/server.key'

for program in redis_exporter prometheus-redis-exporter; do
    if command -v "$program" >/dev/null; then
        exec "$program" "$@"
    fi
done
echo "cannot find redis_exporter or prometheus-redis-exporter in $PATH" >&2
exit 1
