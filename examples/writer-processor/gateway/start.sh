#!/bin/sh
# Fills in nginx.conf.template from the environment and becomes nginx.
#
#   GATEWAY_UPSTREAM       the writer, host:port                          (writer:3000)
#   GATEWAY_HTTPS_PORT     where it listens                               (8443)
#   GATEWAY_HTTP_PORT      plain HTTP: only the way to HTTPS              (8080)
#   GATEWAY_PUBLIC_PORT    the port of HTTPS as callers know it           (GATEWAY_HTTPS_PORT)
#   GATEWAY_CERTIFICATE    files with the certificate and its key;
#   GATEWAY_KEY            in development they are made where none are named
#   GATEWAY_RATE           requests a second of one client                (50)
#   GATEWAY_BURST          requests beyond that at once                   (100)
#   GATEWAY_CONNECTIONS    requests of one client at the same time        (100)
#   GATEWAY_BODY_KIB       KiB of a body                                  (1024)
#   GATEWAY_HEALTH_FROM    networks that may ask for /healthz             (loopback and the private ones)
#   GATEWAY_ACCESS_LOG     where it logs requests                         (/dev/stdout)
#   GATEWAY_STATE          a folder it may write to                       (/tmp/gateway)
#   NGINX_PATH             the program                                    (nginx)
#   APP_ENV                development, staging, production               (development)
set -eu

folder=$(cd "$(dirname "$0")" && pwd)
state=${GATEWAY_STATE:-/tmp/gateway}
https_port=${GATEWAY_HTTPS_PORT:-8443}
certificate=${GATEWAY_CERTIFICATE:-}
key=${GATEWAY_KEY:-}
# Started by root, nginx works as another user, who must get at the folders for long bodies.
mkdir -p "$state"
chmod 711 "$state"
umask 077

if [ -z "$certificate" ] || [ -z "$key" ]; then
  if [ "${APP_ENV:-development}" != development ]; then
    echo "gateway: GATEWAY_CERTIFICATE and GATEWAY_KEY are missing: files with the certificate and its key" >&2
    exit 2
  fi
  certificate=$state/certificate.pem
  key=$state/key.pem
  # Signed by itself, for this machine: callers have to be told to trust it (curl --cacert).
  [ -f "$certificate" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj '/CN=localhost' -addext 'subjectAltName=DNS:localhost,DNS:gateway,IP:127.0.0.1' \
    -keyout "$key" -out "$certificate" 2>/dev/null
fi

health=
for network in ${GATEWAY_HEALTH_FROM:-127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16}; do
  health="$health allow $network;"
done

sed \
  -e "s|@STATE@|$state|g" \
  -e "s|@UPSTREAM@|${GATEWAY_UPSTREAM:-writer:3000}|g" \
  -e "s|@HTTPS_PORT@|$https_port|g" \
  -e "s|@HTTP_PORT@|${GATEWAY_HTTP_PORT:-8080}|g" \
  -e "s|@PUBLIC_PORT@|${GATEWAY_PUBLIC_PORT:-$https_port}|g" \
  -e "s|@CERTIFICATE@|$certificate|g" \
  -e "s|@KEY@|$key|g" \
  -e "s|@RATE@|${GATEWAY_RATE:-50}|g" \
  -e "s|@BURST@|${GATEWAY_BURST:-100}|g" \
  -e "s|@CONNECTIONS@|${GATEWAY_CONNECTIONS:-100}|g" \
  -e "s|@BODY_KIB@|${GATEWAY_BODY_KIB:-1024}|g" \
  -e "s|@HEALTH_FROM@|$health|g" \
  -e "s|@ACCESS_LOG@|${GATEWAY_ACCESS_LOG:-/dev/stdout}|g" \
  "$folder/nginx.conf.template" >"$state/nginx.conf"

exec "${NGINX_PATH:-nginx}" -e stderr -p "$state" -c "$state/nginx.conf"
