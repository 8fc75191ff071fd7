const list = (words: string): readonly string[] => words.trim().split(/\s+/);

/** Word lists of the sentence grammar, chosen so that all phones of American English are common. */
export const names = list(`
  Anna Martha Joyce Judith Shaun George Oliver Victor Ruth Heather Philip Beth Hugh Zoe Chuck Leo Maya Yusuf Ivan Thelma
  Gwen Keith Roy Paula Amber Walter Fiona Hassan Theo Nora Vera Boris Jasmine Douglas Eugene Ursula`);

export const people = list(`
  teacher farmer mother father brother captain doctor baker nurse pilot judge lawyer singer painter sailor shepherd child boy
  girl woman neighbour author thief guard butcher journalist engineer youth uncle grandfather carpenter visitor stranger
  official musician gardener mayor chef coach jeweller poet`);

export const things = list(`
  boat book bottle bridge box basket bucket map lamp apple garden window mirror ladder wagon coat shoe shirt feather leather
  jacket measure treasure vision garage engine hammer needle kettle cushion blanket cheese sugar pudding butter bread voice
  noise coin oil toy choice poison house mouse cow crown towel fountain mountain valley river village orange package letter
  paper pencil puzzle table chair church watch match brush bush fish ship cloth path bath tooth thumb thread hedge edge judge
  yacht yard wheel whistle violin vase van five knives wolf wool wood hook cook foot pool spoon moon room fruit juice goose
  heart guitar jar barn market door floor horse storm corn airplane chair pear bear hair fire tire tower flower cloud crowd
  elephant pigeon beaver zebra rabbit mushroom cabbage banana potato piano radio camera museum theatre island ocean`);

export const manner = list(`
  slowly quickly quietly loudly smoothly roughly bravely calmly gladly badly proudly softly boldly usually gently always
  never often rarely carefully thoughtfully joyfully awkwardly beautifully finally suddenly together outside`);

export const qualities = list(`
  blue brown beige purple yellow orange heavy light broad narrow thick thin smooth rough loud quiet bright dark cheap huge
  tiny strange normal usual foolish clever royal noisy dusty muddy shiny fresh rich poor warm cool cold hot sharp blunt
  wooden golden silver woollen leather southern northern early late beautiful ugly honest jealous young old curious famous`);

export const places = list(`
  kitchen harbour station market valley garden museum library bathroom basement castle cottage village city forest meadow
  beach bridge church school office theatre garage hallway cellar palace courtyard orchard playground stable tower`);

/** Past tense with an object. */
export const actions = list(`
  bought brought carried caught chose cleaned covered dropped found fetched fixed forgot gave-away held hid kept lifted lost
  loved made measured moved needed noticed opened painted picked-up polished pushed put-away saved shook showed sold
  stole threw took touched used wanted washed watched wore wrapped broke borrowed drew admired enjoyed examined measured
  judged pulled provided shaved smashed spoiled joined announced avoided bathed`);

/** Past tense without an object. */
export const movements = list(`
  walked ran jumped laughed shouted waited worked slept danced sang voyaged travelled arrived wandered vanished paused
  hurried stumbled whispered argued listened smiled climbed swam bowed drove rode`);

export const infinitives = list(`
  help leave stay join rejoice choose watch bathe breathe move pay begin drive vote judge measure think argue play swim fly
  laugh cook read write paint listen wait hide push`);

export const times = [
  "this morning",
  "last Thursday",
  "every other month",
  "before the show",
  "after the voyage",
  "in the early hours",
  "for the third time",
  "at half past five",
  "in June",
  "on the fourth of July",
  "once again",
  "without a pause",
  "all through the evening",
  "just after lunch",
  "by noon",
];
