#!/bin/sh
# The pre-receive and post-receive hook of every repository: says over descriptor 3, which the sandbox opened for
# this one push, what the push changes, and prints what comes back. Git's quarantine is in the environment here, so
# the questions that need the new commits are answered here; the decision is not.
hook=${0##*/}
{
  echo "hook $hook"
  count=0
  while [ "$count" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do
    eval "printf 'option %s\n' \"\$GIT_PUSH_OPTION_$count\""
    count=$((count + 1))
  done
  while read -r old new ref; do
    echo "change $old $new $ref"
    [ "$hook" = pre-receive ] || continue
    case $ref in refs/heads/*) ;; *) continue ;; esac
    case $new in *[!0]*) ;; *) continue ;; esac
    case $old in
      *[!0]*) git merge-base --is-ancestor "$old" "$new" 2>/dev/null || echo forced ;;
      *)
        # Many branches at once mostly start at the same commit.
        if [ "$new" != "${known-}" ]; then
          known=$new
          within=$(git for-each-ref --contains="$new" --format='within %(refname:lstrip=2)' refs/heads 2>/dev/null)
        fi
        [ -z "$within" ] || printf '%s\n' "$within"
        ;;
    esac
  done
  echo end
} >&3
while IFS= read -r line <&3; do
  case $line in
    'exit '*) exit "${line#exit }" ;;
    *) printf '%s\n' "${line#print }" >&2 ;;
  esac
done
echo 'GitLab: The sandbox stopped before it could answer.' >&2
exit 1
