#!/bin/sh
# Makes the secrets that compose.production.yaml reads, with passwords of its own: sh make-secrets.sh FOLDER
# What is there already stays as it is, so it can be run again when a new secret has come.
set -eu
folder=${1:?Say where to put them: sh make-secrets.sh FOLDER}
umask 022
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
# Containers read them as users of their own; the folder keeps everybody else out.
put() { [ -e "$1" ] || { cat >"$1" && chmod 444 "$1" && echo "$1"; }; }

random | put postgres-password
random | put redis-password
random | put rabbitmq-password
random | put grafana-password
random | put secret-key
random | put token-secret

postgres=$(cat postgres-password)
redis=$(cat redis-password)
rabbitmq=$(cat rabbitmq-password)
for database in tasker url_checker access_logs; do
  echo "postgres://jobport:$postgres@postgres:5432/$database" | put "postgres-url-$database"
done
echo "redis://:$redis@redis:6379" | put redis-url
echo "requirepass $redis" | put redis.conf
echo "{\"redis://redis:6379\": \"$redis\"}" | put redis-exporter.json
echo "amqp://jobport:$rabbitmq@rabbitmq:5672" | put amqp-url
printf 'default_user = jobport\ndefault_pass = %s\n' "$rabbitmq" | put rabbitmq.conf

# These nobody can make up; put in what the mail server and AWS gave you.
echo 'smtp://maildev:1025' | put smtp-url
printf '[default]\naws_access_key_id = \naws_secret_access_key = \n' | put aws-credentials
