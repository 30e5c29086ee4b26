/**
 * What pods of one template have in common, as text: a pod as it arrived without the two things in
 * which they differ. That is the moment at which each was made, and the volume with its token, which
 * is given a name by chance. Two pods with one likeness are the same but for these.
 */
export function likenessOf(pod: string): string | undefined {
  if (pod.length > mostCharacters) return undefined;
  const volume = tokenVolume.exec(pod)?.[0];
  const renamed = volume === undefined ? pod : pod.replaceAll(volume, namelessVolume);
  return renamed.replace(moments, '"time":"","fieldsType":');
}

/** Longer ones are too rare to be worth their memory. */
const mostCharacters = 2 ** 16;

/** Whether something speaks of the volume by name, so that it is true of one pod alone. */
export const namesTokenVolume = (text: string) => tokenVolume.test(text);

const tokenVolume = /kube-api-access-[a-z0-9]{5}(?![a-z0-9-])/;
/** No volume can be called so. */
const namelessVolume = 'kube-api-access-?';

/** As an API server writes them into managedFields, where nothing of ours looks. */
const moments = /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ","fieldsType":/g;
