// Types that many modules speak of, by name alone. They are read by `npm run types` and nothing else.

type Axis = import("./chart.js").Axis;
type Bank = import("./state.js").Bank;
type ExplorerView = import("./explorer.js").ExplorerView;
type Model = import("./state.js").Model;
type Projection = import("./draw.js").Projection;
type Ring = import("./quadrature.js").Ring;
type Sampled = import("./rings.js").Sampled;
type ScatteringNetwork = import("./scattering.js").ScatteringNetwork;
type SphereFigure = import("./figures.js").SphereFigure;
type SphericalHarmonics = import("./sht.js").SphericalHarmonics;
type TransformCache = import("./cache.js").TransformCache;

/** What an explorer shows, as a formula (see formula.js) and, where there is one, its number as text. */
type Equation = (view: ExplorerView) => string[];
