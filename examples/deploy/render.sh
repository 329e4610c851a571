#!/bin/sh
# Prints the manifests of an environment with one image in them: sh render.sh staging ghcr.io/jobport/media:REVISION
# Needs kubectl. The overlay in the repository stays as it is.
set -eu
environment=${1:?Say which environment: staging or production}
image=${2:?Say which image, with its tag}
here=$(cd "$(dirname "$0")/k8s" && pwd)
test -d "$here/$environment" || { echo "There is no environment $environment." >&2; exit 1; }

# kustomize reads nothing outside of a folder but by a relative path, so the overlay of this deployment lies beside the others.
# In quotes, since a tag may look like a number and is none.
overlay=$(mktemp -d "$here/.render-XXXXXX")
trap 'rm -rf "$overlay"' EXIT
cat >"$overlay/kustomization.yaml" <<END
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../$environment]
images:
  - name: ghcr.io/jobport/media
    newName: "${image%:*}"
    newTag: "${image##*:}"
END
kubectl kustomize "$overlay"
