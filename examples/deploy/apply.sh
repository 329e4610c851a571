#!/bin/sh
# Brings a revision of media to an environment and waits until it works there: sh apply.sh staging
# REGISTRY and REVISION say which image, KUBECONFIG which cluster; where URL is set, it is asked at the end.
# A rollout that does not succeed is taken back.
set -eu
environment=${1:?Say which environment: staging or production}
here=$(dirname "$0")
manifests=$(mktemp)
trap 'rm -f "$manifests"' EXIT

sh "$here/render.sh" "$environment" "${REGISTRY:?}/media:${REVISION:?}" >"$manifests"
kubectl apply --filename "$manifests"
for deployment in producer processor notifier; do
  kubectl --namespace media rollout status "deployment/$deployment" --timeout 5m || {
    kubectl --namespace media rollout undo "deployment/$deployment"
    exit 1
  }
done
[ -z "${URL:-}" ] || curl --fail --silent --show-error --retry 10 --retry-delay 3 --retry-all-errors "$URL/readyz"
